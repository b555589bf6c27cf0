import type { Socket } from 'node:net';
import { FORM_TYPE } from './forms';
import { openSocket, textOf } from './raw-connection';
import type { RelayClient } from './relay-client';

const PIECE_BYTES = 64 * 1024;

interface UploadOptions {
  /** In bytes; null: the body comes in chunks. */
  readonly length: number | null;
  readonly contentType?: string;
}

/** A client that sends a form piece by piece over a connection of its own. */
export class UploadClient {
  /** How much of what was sent the kernel has taken. */
  takenBytes = 0;

  /** All that came until the server closed. */
  readonly answer: Promise<string>;

  private constructor(
    readonly socket: Socket,
    private readonly isChunked: boolean,
  ) {
    this.answer = textOf(socket);
  }

  /** Sends the head. */
  static async open(
    relay: RelayClient,
    path: string,
    { length, contentType = FORM_TYPE }: UploadOptions,
  ): Promise<UploadClient> {
    const socket = await openSocket(relay.baseUrl);
    const framing = length === null ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
    const lines = ['Host: gateway.test', `Authorization: Bearer ${relay.token}`, `Content-Type: ${contentType}`];
    socket.write([`POST ${path} HTTP/1.1`, ...lines, framing, 'Connection: close', '', ''].join('\r\n'));
    return new UploadClient(socket, length === null);
  }

  /** Resolves once the kernel has taken all of it, or the connection is closed. */
  async send(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length && !this.socket.destroyed; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      if (this.isChunked) this.socket.write(`${piece.length.toString(16)}\r\n`);
      await new Promise<void>((resolve) => {
        this.socket.write(piece, () => {
          resolve();
        });
      });
      if (this.isChunked) this.socket.write('\r\n');
      this.takenBytes += piece.length;
    }
  }

  /** Says that there is no more. */
  end(): void {
    if (this.isChunked) this.socket.write('0\r\n\r\n');
  }
}
