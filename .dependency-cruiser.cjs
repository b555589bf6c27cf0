/** The import rules of docs/architecture.md: imports go down only, insides stay inside, the hot path is bare. */

// One row a floor; a floor may import itself and every floor above it in this list.
const floors = [
  ['common', 'config'],
  ['secrets'],
  ['database'],
  ['channels', 'tokens'],
  ['auth', 'keys'],
  ['usage', 'objects', 'health'],
  ['selector'],
  ['relay', 'explain', 'model-sync'],
  ['system'],
  ['openapi', 'cli'],
];

const upwards = floors.flatMap((features, rank) =>
  features.map((feature) => {
    const above = floors.slice(rank + 1).flat();
    const beside = features.filter((other) => other !== feature && rank > 0);
    return {
      name: `${feature}-imports-down-only`,
      severity: 'error',
      from: { path: `^src/${feature}/` },
      to: { path: `^src/(${[...above, ...beside].join('|') || 'none'})/|^src/(main|app\\.module|server)\\.ts$` },
    };
  }),
);

module.exports = {
  forbidden: [
    ...upwards,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '\\.d\\.ts$' },
      to: {},
    },
    {
      name: 'insides-are-private',
      comment: 'From outside a feature: its module, services, ports, tokens and plain types only.',
      severity: 'error',
      // An entity names the entities that its foreign keys point at.
      from: { path: '^src/([^/]+)/', pathNot: '^src/database/|\\.entity\\.ts$' },
      to: {
        path: '^src/([^/]+)/.*\\.(repository|entity|controller|dto|strategy)\\.ts$',
        pathNot: '^src/$1/|^src/common/',
      },
    },
    {
      name: 'hot-path-is-bare',
      severity: 'error',
      from: { path: '^src/(relay|selector)/', pathNot: '\\.(module|spec)\\.ts$' },
      to: {
        path: 'node_modules/(typeorm|@nestjs/typeorm|class-validator|class-transformer|@nestjs/swagger|@nestjs/axios|axios|rxjs|express|@nestjs/platform-express)/',
      },
    },
    {
      name: 'hot-path-never-reaches-the-database-folder',
      severity: 'error',
      from: { path: '^src/(relay|selector)/', pathNot: '\\.(module|spec)\\.ts$' },
      to: { path: '^src/database/' },
    },
    {
      name: 'repositories-own-typeorm-repositories',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.(repository|entity|module|spec)\\.ts$|^src/database/' },
      to: { path: 'node_modules/(typeorm|@nestjs/typeorm)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'express-stays-at-the-edge',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(server|main)\\.ts$|^src/(common|auth|openapi)/' },
      to: { path: 'node_modules/(express|@types/express|@nestjs/platform-express)/' },
    },
    {
      name: 'src-never-imports-test',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^test/' },
    },
    {
      name: 'no-dev-dependencies-in-production',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '@types/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.d\\.ts$' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['require', 'node', 'default', 'types'] },
  },
};
