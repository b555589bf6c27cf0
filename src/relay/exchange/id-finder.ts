import { answerId } from '../body/answer-id';

const MOST_HEAD_BYTES = 64 * 1024;

/** Looks for the id of the object that an answer is about, in its first 64 KiB. */
export class IdFinder {
  private head: Buffer | null = Buffer.alloc(0);

  /** `onFound` is called at most once, before the bytes that complete the id are handed on. */
  constructor(
    private readonly isEventStream: boolean,
    private readonly onFound: (id: string) => void,
  ) {}

  look(chunk: Buffer): void {
    if (!this.head) return;
    this.head = this.head.length === 0 ? chunk : Buffer.concat([this.head, chunk]);
    const id = answerId(this.head, this.isEventStream);
    if (id !== null || this.head.length > MOST_HEAD_BYTES) this.head = null;
    if (id !== null) this.onFound(id);
  }
}
