/** Writes multipart forms as text, a byte a character. */
export const FORM_BOUNDARY = '----formdata-x1';

export const formPart = (head: string, value: string): string => `--${FORM_BOUNDARY}\r\n${head}\r\n\r\n${value}\r\n`;

export const disposition = (parameters: string): string => `Content-Disposition: form-data; ${parameters}`;

export const formField = (name: string, value: string): string => formPart(disposition(`name="${name}"`), value);

export const formFile = (bytes: string): string =>
  formPart(`${disposition('name="file"; filename="a.mp3"')}\r\nContent-Type: audio/mpeg`, bytes);

export const formOf = (...parts: string[]): string => `${parts.join('')}--${FORM_BOUNDARY}--\r\n`;
