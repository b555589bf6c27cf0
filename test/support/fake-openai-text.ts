export interface StreamOptions {
  /** Pause after each event. */
  readonly delayMs?: number;
  /** An object is sent as the usage event even if nobody asked; null leaves it out even if somebody did. */
  readonly usage?: object | null;
  /** False leaves the closing `[DONE]` out. */
  readonly done?: boolean;
}

interface StreamHead {
  readonly model: unknown;
  readonly isChat: boolean;
  readonly created: number;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The last user message of a chat, or the prompt of a completion. */
export function promptText(body: Record<string, unknown>): string {
  const { messages, prompt } = body as { messages?: unknown; prompt?: unknown };
  if (!Array.isArray(messages)) return textOf(prompt);
  const last = (messages as unknown[]).findLast((message) => isRecord(message) && message['role'] === 'user');
  return isRecord(last) ? textOf(last['content']) : '';
}

/** The server-sent events of one answer, each ready to be written. */
export function streamTexts(head: StreamHead, pieces: readonly string[], options: StreamOptions): string[] {
  const usage = options.usage ?? null;
  const { isChat, ...rest } = head;
  const common = { id: 'chatcmpl-fake', object: isChat ? 'chat.completion.chunk' : 'text_completion', ...rest };
  const event = (choices: object[], counted: object | null = null): string =>
    `data: ${JSON.stringify({ ...common, choices, ...(usage && { usage: counted }) })}\n\n`;
  const choice = (text: string | null, finish: string | null): object =>
    isChat
      ? { index: 0, delta: text === null ? {} : { content: text }, logprobs: null, finish_reason: finish }
      : { index: 0, text: text ?? '', logprobs: null, finish_reason: finish };

  const role = { index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null };
  return [
    ...(isChat ? [event([role])] : []),
    ...pieces.map((piece) => event([choice(piece, null)])),
    event([choice(null, 'stop')]),
    ...(usage ? [event([], usage)] : []),
    ...(options.done === false ? [] : ['data: [DONE]\n\n']),
  ];
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return (content as unknown[])
    .map((part) => (isRecord(part) ? textOf(part['text']) : textOf(part)))
    .filter((text) => text !== '')
    .join(' ');
}
