import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Upload } from './upload';

/** How the upstream treats one upload. */
type Receive = (upload: Upload) => void | Promise<void>;

const ERRORS: Readonly<Record<number, object>> = {
  400: { message: 'Unsupported file', type: 'invalid_request_error', param: 'file', code: null },
  401: { message: 'Incorrect API key provided', type: 'invalid_request_error', code: 'invalid_api_key' },
  429: { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' },
  500: { message: 'The server had an error', type: 'server_error', code: null },
};

export const receives = {
  /** Reads the whole, then answers as an upstream that heard something. */
  well: (): Receive => async (upload) => {
    await upload.readAll();
    upload.answer(200, { text: `${upload.receivedBytes} bytes` });
  },

  /** Reads the whole, then refuses it. */
  refusing: (status: number): Receive => {
    return async (upload) => {
      await upload.readAll();
      upload.answer(status, { error: ERRORS[status] });
    };
  },

  /** Refuses before it has read anything. */
  refusingAtOnce: (status: number): Receive => {
    return (upload) => {
      upload.answer(status, { error: ERRORS[status] });
    };
  },

  /** Refuses as soon as it has read so many bytes. */
  refusingAfter: (status: number, bytes: number): Receive => {
    return async (upload) => {
      await upload.readAtLeast(bytes);
      upload.answer(status, { error: ERRORS[status] });
    };
  },

  /** Answers before it has read anything. */
  wellAtOnce: (): Receive => {
    return (upload) => {
      upload.answer(200, { text: '' });
    };
  },

  /** Reads nothing until then, then all of it. */
  wellAfter: (moment: Promise<void>): Receive => {
    return async (upload) => {
      await moment;
      await receives.well()(upload);
    };
  },
} as const;

/** A real upstream that can answer before it has read a body, or read it slowly; it remembers every upload. */
export class UploadUpstream {
  readonly baseUrl: string;
  readonly uploads: Upload[] = [];
  private readonly queue: Receive[] = [];

  private constructor(private readonly server: Server) {
    this.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      const upload = new Upload(request, response);
      this.uploads.push(upload);
      void (this.queue.shift() ?? receives.well())(upload);
    });
  }

  static async start(): Promise<UploadUpstream> {
    const server = createServer({ noDelay: true, requestTimeout: 0 });
    // Never the first to close an idle connection: the next request on it would be lost.
    server.keepAliveTimeout = 0;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new UploadUpstream(server);
  }

  /** What the next uploads meet; each further one is received well. */
  receiveNext(...script: readonly Receive[]): void {
    this.queue.push(...script);
  }

  reset(): void {
    this.uploads.length = this.queue.length = 0;
  }

  /** Stops listening and cuts every connection. */
  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
