import { ServerResponse } from 'node:http';

/** A response that counts the bytes of its body. */
export class CountedResponse extends ServerResponse {
  bodyBytes = 0;

  override write(chunk: unknown, encoding?: unknown, written?: unknown): boolean {
    this.count(chunk);
    return super.write(chunk, encoding as BufferEncoding, written as () => void);
  }

  override end(chunk?: unknown, encoding?: unknown, ended?: unknown): this {
    this.count(chunk);
    return super.end(chunk, encoding as BufferEncoding, ended as () => void);
  }

  private count(chunk: unknown): void {
    if (typeof chunk === 'string') this.bodyBytes += Buffer.byteLength(chunk);
    else if (chunk instanceof Uint8Array) this.bodyBytes += chunk.length;
  }
}
