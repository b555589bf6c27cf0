import { Client, type ClientConfig } from 'pg';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

interface Explained {
  readonly Plan: PlanNode;
  readonly 'Execution Time': number;
}

interface ExplainedRow {
  readonly 'QUERY PLAN': readonly [Explained];
}

/** How PostgreSQL went about a statement that it carried out. */
export interface QueryPlan {
  /** How it read the table, the outermost first: `Index Scan of ix_request_logs_model`, `Seq Scan`. */
  readonly scans: readonly string[];
  /** Rows of the table that it looked at, those that it put away included, and entries that it made bitmaps of. */
  readonly rowsRead: number;
  readonly executionMs: number;
}

interface Query {
  /** Goes before the statement, in its transaction. */
  readonly setting: string;
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** Carries a statement out and answers how it read one table. */
export async function explainQuery(database: ClientConfig, table: string, query: Query): Promise<QueryPlan> {
  const explained = await explain(database, query);
  const nodes = flatten(explained.Plan).filter((node) => readsTable(node, table));
  return {
    scans: nodes.map((node) => [node['Node Type'], node['Index Name']].filter(Boolean).join(' of ')),
    rowsRead: nodes.reduce((total, node) => total + rowsReadBy(node), 0),
    executionMs: explained['Execution Time'],
  };
}

async function explain(database: ClientConfig, { setting, sql, parameters }: Query): Promise<Explained> {
  const client = new Client(database);
  await client.connect();
  try {
    await client.query(`BEGIN; ${setting}`);
    const { rows } = await client.query<ExplainedRow>(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, [...parameters]);
    const [row] = rows;
    if (!row) throw new Error('no plan');
    return row['QUERY PLAN'][0];
  } finally {
    await client.end();
  }
}

function flatten(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)];
}

function readsTable(node: PlanNode, table: string): boolean {
  return node['Relation Name'] === table || (node['Index Name'] ?? '').startsWith(`ix_${table}_`);
}

function rowsReadBy(node: PlanNode): number {
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return (node['Actual Rows'] + removed) * node['Actual Loops'];
}
