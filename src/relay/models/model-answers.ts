import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { TokenGrant } from '../../tokens/token-directory';
import { unknownModel } from '../answer/refusal';
import type { RelayCall } from '../relay-call';
import { decodedParameter } from '../routes/decoded-parameter';
import { ModelList } from './model-list';
import { MODEL_SHAPES } from './model-shapes';

/** Answers which models a token may use, in the shape of the API that was asked. */
@Injectable()
export class ModelAnswers {
  constructor(private readonly models: ModelList) {}

  /** A client that has this list already gets no second one. */
  sendList(call: RelayCall, token: TokenGrant): void {
    const json = Buffer.from(JSON.stringify(MODEL_SHAPES[call.dialect].list(this.listFor(call, token))));
    const etag = `"${hash('sha1', json, 'base64url')}"`;
    if (call.request.headers['if-none-match'] === etag) {
      call.response.writeHead(304, [...call.ownHeaders, 'etag', etag]).end();
    } else {
      call.sendBody(json, ['etag', etag]);
    }
  }

  sendOne(call: RelayCall, token: TokenGrant, parameter: string): void {
    const id = decodedParameter(parameter);
    const model = this.models.find(token, id, call.dialect === 'openai' ? null : call.dialect);
    if (model) call.sendJson(MODEL_SHAPES[call.dialect].one(model));
    else call.refuse(unknownModel(id));
  }

  /** OpenAI's list is what every client asks that wants to know them all. */
  private listFor({ dialect }: RelayCall, token: TokenGrant): ReturnType<ModelList['list']> {
    return this.models.list(token, dialect === 'openai' ? null : dialect);
  }
}
