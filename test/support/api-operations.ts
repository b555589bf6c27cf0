/** A call that the API description lists. */
export interface ApiOperation {
  readonly method: string;
  /** With `{name}` where a parameter stands. */
  readonly template: string;
  /** The same with every parameter filled in. */
  readonly path: string;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Every operation of a running program's own /openapi.json. */
export async function listOperations(baseUrl: string): Promise<ApiOperation[]> {
  const response = await fetch(`${baseUrl}/openapi.json`);
  const { paths } = (await response.json()) as Document;
  return Object.entries(paths).flatMap(([template, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      template,
      path: template.replace(/\{\w+\}/g, '1'),
    })),
  );
}
