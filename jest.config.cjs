const project = (displayName, roots, extra = {}) => ({
  displayName,
  roots,
  testEnvironment: 'node',
  testMatch: ['**/*.spec.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.json', diagnostics: false }] },
  setupFiles: ['reflect-metadata'],
  ...extra,
});

const onDatabase = {
  globalSetup: '<rootDir>/test/support/start-postgres.ts',
  globalTeardown: '<rootDir>/test/support/stop-postgres.ts',
  setupFilesAfterEnv: ['<rootDir>/test/support/generous-timeout.ts'],
};

module.exports = {
  // Most of the time goes by waiting; Jest's default would leave a core to nobody.
  maxWorkers: '100%',
  projects: [
    project('unit', ['<rootDir>/src']),
    project('medium', ['<rootDir>/test/medium'], onDatabase),
    project('e2e', ['<rootDir>/test/e2e'], onDatabase),
    project('chaos', ['<rootDir>/test/chaos'], onDatabase),
  ],
};
