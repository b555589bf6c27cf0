import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config';
import { bodyTooLarge, REFUSALS, type Refusal } from '../answer/refusal';
import { endUnforeseen } from '../answer/unforeseen';
import type { RelayCall } from '../relay-call';
import type { ModelPlace } from '../routes/relay-routes';
import { type BodyFault, scanBody } from './body-scan';
import { FormContent } from './form-content';
import { boundaryOf } from './form-scan';
import { JsonContent } from './json-content';
import { batchModels, geminiModels, NestedModels } from './nested-models';
import { readBody } from './request-body';
import { NO_CONTENT, type RequestContent } from './request-content';

const BODY_REFUSALS: Readonly<Record<BodyFault, Refusal>> = {
  'not-json': REFUSALS.notJson,
  'not-an-object': REFUSALS.notAnObject,
  'too-deep': REFUSALS.tooDeep,
  'duplicate-field': REFUSALS.duplicateField,
  'field-in-capitals': REFUSALS.fieldInCapitals,
  'model-not-a-string': REFUSALS.modelNotAString,
  'stream-not-a-boolean': REFUSALS.streamNotABoolean,
};

/** Reads what a request carries, as far as it must be known before it goes anywhere. */
@Injectable()
export class ContentReader {
  constructor(private readonly config: AppConfig) {}

  /** `done` is called once, unless the request is refused or its client goes; a refusal that it returns is sent. */
  read(call: RelayCall, place: ModelPlace | null, done: (content: RequestContent) => Refusal | null): void {
    const settle = (content: RequestContent | Refusal): void => {
      try {
        const refusal = 'status' in content ? content : done(content);
        if (!refusal) return;
        if (!('status' in content)) content.release();
        call.refuse(refusal);
      } catch (error) {
        endUnforeseen(call, error);
      }
    };
    const encoding = call.request.headers['content-encoding'];
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') settle(REFUSALS.encodedBody);
    else if (place === null) settle(NO_CONTENT);
    else if (place === 'form') this.readForm(call, settle);
    else this.readJson(call, place, settle);
  }

  private readForm(call: RelayCall, settle: (content: RequestContent | Refusal) => void): void {
    const { request } = call;
    const { relayBodyLimitBytes: mostBytes, relayFormKeptBytes: keptBytes } = this.config;
    const boundary = boundaryOf(request.headers['content-type'] ?? '');
    // Of several types an upstream may take another one than we do, and read another form.
    if (boundary === null || isRepeated(request, 'content-type')) settle(REFUSALS.notMultipart);
    else if (Number(request.headers['content-length'] ?? 0) > mostBytes) refuseTooLarge(call, mostBytes);
    else {
      const form = new FormContent(request, boundary, { mostBytes, keptBytes });
      form.begin((beginning) => {
        if (beginning === 'known') settle(form);
        else if (beginning !== 'gone') settle(beginning);
      });
    }
  }

  private readJson(call: RelayCall, place: ModelPlace, settle: (content: RequestContent | Refusal) => void): void {
    const limitBytes = this.config.relayBodyLimitBytes;
    readBody(call.request, limitBytes, (body) => {
      if (body === 'gone') return;
      if (body === 'too-large') refuseTooLarge(call, limitBytes);
      else settle(jsonContent(body, place));
    });
  }
}

function isRepeated({ rawHeaders }: IncomingMessage, name: string): boolean {
  return rawHeaders.filter((text, place) => place % 2 === 0 && text.toLowerCase() === name).length > 1;
}

function jsonContent(body: Buffer, place: ModelPlace): RequestContent | Refusal {
  const scanned = scanBody(body);
  if (typeof scanned === 'string') return BODY_REFUSALS[scanned];
  if (place === 'batch') return new NestedModels(body, batchModels(body));
  return place === 'path' ? new NestedModels(body, geminiModels(body)) : new JsonContent(body, scanned);
}

function refuseTooLarge(call: RelayCall, limitBytes: number): void {
  const { request, response } = call;
  response.shouldKeepAlive = false;
  request.resume();
  call.refuse(bodyTooLarge(limitBytes));
}
