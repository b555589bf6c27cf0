const DATA_FIELD = /^data: ?/;

/** What the first event of a stream says; a body that has no event is taken as it is. */
export function firstEventData(body: Buffer): Buffer {
  const data: string[] = [];
  // A byte is a character here, so that nothing of the text is lost.
  for (const line of body.toString('latin1').split(/\r\n|\n|\r/)) {
    if (DATA_FIELD.test(line)) data.push(line.replace(DATA_FIELD, ''));
    else if (line === '' && data.length > 0) break;
  }
  return data.length === 0 ? body : Buffer.from(data.join('\n'), 'latin1');
}
