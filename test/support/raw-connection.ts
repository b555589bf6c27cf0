import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Opens a TCP connection to the server of this URL; a reset is not an error to the test. */
export async function openSocket(baseUrl: string): Promise<Socket> {
  const { hostname, port } = new URL(baseUrl);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Sends these characters as they are and answers with all that came until the server closed. */
export async function sendRaw(baseUrl: string, text: string | Buffer): Promise<string> {
  const socket = await openSocket(baseUrl);
  socket.write(text);
  return textOf(socket);
}

/** All that comes until the server closes. */
export async function textOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

/** The head and body of a POST, with whatever further header lines are wanted. */
export function rawPost(path: string, token: string, body: string, lines: readonly string[] = []): string {
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: gateway.test',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...lines,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
