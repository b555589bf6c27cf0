import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

// An upstream that streams chunks at a steady pace and counts them; a request that asks for no stream gets the JSON answer.

const [jsonAnswer = '', chunk = '', chunksPerStream = '0', paceMs = '0'] = process.argv.slice(2);
const chunkCount = Number(chunksPerStream);
let chunksSent = 0;

function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let left = chunkCount;
  const next = (): void => {
    if (response.destroyed) return;
    response.write(chunk);
    chunksSent++;
    left--;
    if (left === 0) response.end('data: [DONE]\n\n');
    else setTimeout(next, Number(paceMs));
  };
  next();
}

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(String(chunksSent));
    return;
  }
  let isStream = false;
  request.on('data', (part: Buffer) => (isStream ||= part.includes('"stream":true')));
  request.on('end', () => {
    if (isStream) stream(response);
    else
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': jsonAnswer.length })
        .end(jsonAnswer);
  });
});
server.keepAliveTimeout = 75_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`ports ${(server.address() as AddressInfo).port}\n`));
// The bench holds the other end: it goes when the bench goes, however that happens.
process.stdin.on('close', () => process.exit()).resume();
