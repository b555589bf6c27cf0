import { join } from 'node:path';
import { BuiltProgram } from '../demo/built-program';
import { someKeys } from '../support/keys';
import type { LoadRequest } from './load';
import { Nginx } from './nginx';
import { compileScript, NodeScript } from './node-script';
import {
  ANSWER,
  CHUNK,
  CHUNK_PACE_MS,
  CHUNKS_PER_STREAM,
  JSON_BODY,
  JSON_MODEL,
  STREAM_BODY,
  STREAM_MODEL,
} from './traffic';

const PATH = '/v1/chat/completions';
const KEYS = 100;
// As long as a real one; only Keymux asks whose it is.
const SOME_TOKEN = `sk-km-${'x'.repeat(36)}`;

export type TargetName = 'direct' | 'nginx' | 'bare' | 'unrecorded' | 'keymux';

/** Something that answers the bench's requests. */
export interface Target {
  readonly name: TargetName;
  /** Whose CPU time counts; none for what is no gateway. */
  readonly pids: readonly number[];
  readonly json: LoadRequest;
  readonly stream: LoadRequest;
}

/** Where JSON and where streams come from. */
type Upstreams = readonly string[];

interface Stoppable {
  stop(): Promise<void>;
}

/** Starts the upstreams and every gateway in front of them, and stops what it started. */
export class Targets {
  private readonly started: Stoppable[] = [];
  private upstreamPids: number[] = [];
  private streamUpstream = '';

  /** `folder` is for what they write; it must outlive them. */
  constructor(private readonly folder: string) {}

  async start(): Promise<Target[]> {
    const streaming = await this.keep(
      NodeScript.start(this.folder, 'node-upstream', ANSWER, CHUNK, String(CHUNKS_PER_STREAM), String(CHUNK_PACE_MS)),
    );
    this.streamUpstream = streaming.baseUrls[0] ?? '';
    const hasNginx = Nginx.isInstalled();
    const fixed = hasNginx ? await this.keep(Nginx.start(join(this.folder, 'upstream'), [{ json: ANSWER }])) : null;
    this.upstreamPids = [streaming.pid, ...(fixed?.pids ?? [])];
    const upstreams = [fixed?.baseUrls[0] ?? this.streamUpstream, this.streamUpstream];
    return [
      target('direct', [], upstreams),
      ...(hasNginx ? [await this.startNginx(upstreams)] : []),
      await this.startBare(upstreams),
      await this.startKeymux(upstreams, 'unrecorded', ['-r', await compileScript(this.folder, 'without-journal')]),
      await this.startKeymux(upstreams),
    ];
  }

  /** The processes that the gateways ask. */
  get upstreams(): readonly number[] {
    return this.upstreamPids;
  }

  /** How many chunks have been streamed so far, to whomever. */
  async countChunks(): Promise<number> {
    return Number(await (await fetch(this.streamUpstream)).text());
  }

  async stop(): Promise<void> {
    for (const one of this.started.splice(0).reverse()) await one.stop();
  }

  private async startNginx(upstreams: Upstreams): Promise<Target> {
    const [json = '', stream = ''] = upstreams;
    const servers = [
      { upstream: json, isBuffered: true },
      { upstream: stream, isBuffered: false },
    ];
    const nginx = await this.keep(Nginx.start(join(this.folder, 'proxy'), servers));
    return target('nginx', nginx.pids, nginx.baseUrls);
  }

  private async startBare(upstreams: Upstreams): Promise<Target> {
    const bare = await this.keep(NodeScript.start(this.folder, 'bare-forwarder', ...upstreams));
    return target('bare', [bare.pid], bare.baseUrls);
  }

  private async startKeymux(
    [json = '', stream = '']: Upstreams,
    name: TargetName = 'keymux',
    nodeArguments: readonly string[] = [],
  ): Promise<Target> {
    const program = await this.keep(BuiltProgram.start({ environment: { SHUTDOWN_TIMEOUT: '1s' }, nodeArguments }));
    const pool = { is_multi_key: true, key_selection_mode: 0, keys: someKeys(KEYS) };
    await program.admin.createChannel({ baseUrl: json, models: [JSON_MODEL], ...pool });
    await program.admin.createChannel({ baseUrl: stream, models: [STREAM_MODEL], ...pool });
    const token = await program.admin.createToken();
    return target(name, [program.pid], [program.baseUrl, program.baseUrl], token);
  }

  private async keep<T extends Stoppable>(starting: Promise<T>): Promise<T> {
    const one = await starting;
    this.started.push(one);
    return one;
  }
}

function target(name: TargetName, pids: readonly number[], baseUrls: Upstreams, token = SOME_TOKEN): Target {
  const [json = '', stream = ''] = baseUrls;
  return {
    name,
    pids,
    json: { url: `${json}${PATH}`, token, body: JSON_BODY },
    stream: { url: `${stream}${PATH}`, token, body: STREAM_BODY },
  };
}
