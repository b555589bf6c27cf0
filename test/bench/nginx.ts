import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findInstalled } from './installed';
import { childrenOf } from './process-meter';

const LONGEST_START_MS = 10_000;
const FOLDERS = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** A port that answers every request with one JSON text. */
export interface FixedAnswer {
  readonly json: string;
}

/** A port that passes every request on, over connections that stay open. */
export interface ReverseProxy {
  readonly upstream: string;
  /** False hands bytes on as they come, as event streams need it. */
  readonly isBuffered: boolean;
}

/** An nginx of our own: one worker, and nothing of the system's nginx read or written. */
export class Nginx {
  private constructor(
    private readonly process: ChildProcess,
    readonly baseUrls: readonly string[],
  ) {}

  static isInstalled(): boolean {
    return findInstalled('nginx') !== null;
  }

  static async start(folder: string, servers: readonly (FixedAnswer | ReverseProxy)[]): Promise<Nginx> {
    await mkdir(folder);
    for (const name of FOLDERS) await mkdir(join(folder, name));
    const ports = await freePorts(servers.length);
    const file = join(folder, 'nginx.conf');
    await writeFile(file, configuration(folder, servers, ports));
    const log = join(folder, 'error.log');
    const child = spawn(findInstalled('nginx') ?? 'nginx', ['-p', folder, '-c', file, '-e', log], { stdio: 'ignore' });
    const nginx = new Nginx(
      child,
      ports.map((port) => `http://127.0.0.1:${port}`),
    );
    await nginx.waitUntilReady(log);
    return nginx;
  }

  /** Those that do the work. */
  get pids(): number[] {
    return childrenOf(this.process.pid ?? 0);
  }

  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const exited = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await exited;
  }

  private get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  private async waitUntilReady(log: string): Promise<void> {
    const deadline = performance.now() + LONGEST_START_MS;
    for (const baseUrl of this.baseUrls) {
      // Any answer will do: a proxy passes on what its upstream says to a GET.
      while (!(await fetch(baseUrl).catch(() => null))) {
        if (!this.isRunning || performance.now() > deadline) throw new Error(`nginx did not start, see ${log}`);
        await sleep(20);
      }
    }
  }
}

function configuration(
  folder: string,
  servers: readonly (FixedAnswer | ReverseProxy)[],
  ports: readonly number[],
): string {
  return `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log crit;
events { worker_connections 4096; }
http {
  access_log off;
  default_type application/json;
  keepalive_timeout 75s;
  keepalive_requests 100000000;
  ${FOLDERS.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  ${servers.map((server, place) => serverBlock(server, place, ports[place] ?? 0)).join('\n  ')}
}
`;
}

function serverBlock(server: FixedAnswer | ReverseProxy, place: number, port: number): string {
  const listen = `listen 127.0.0.1:${port} backlog=4096;`;
  if ('json' in server) return `server { ${listen} location / { return 200 '${server.json}'; } }`;
  return `upstream upstream${place} {
    server ${new URL(server.upstream).host};
    keepalive 256; keepalive_timeout 75s; keepalive_requests 100000000;
  }
  server {
    ${listen}
    location / {
      proxy_pass http://upstream${place};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering ${server.isBuffered ? 'on' : 'off'};
    }
  }`;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
