import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock';
import { issueSecretToken } from '../common/secret-token';
import type { Token } from './token.entity';
import {
  type CreatedTokenDto,
  type CreateTokenDto,
  expiryOf,
  type ListTokensDto,
  type TokenDto,
  type TokenPageDto,
  toTokenDto,
  type UpdateTokenDto,
} from './token.dto';
import { TokenChanges } from './token-changes';
import { TOKEN_PREFIX, tokenDigest } from './token-format';
import { TokenNotFoundError } from './tokens.errors';
import { TokensRepository } from './tokens.repository';

/** Issues, lists, changes and revokes client tokens; only digests are stored. */
@Injectable()
export class TokensService {
  constructor(
    private readonly tokens: TokensRepository,
    private readonly changes: TokenChanges,
    private readonly clock: Clock,
  ) {}

  async create(dto: CreateTokenDto): Promise<CreatedTokenDto> {
    const key = issueSecretToken(TOKEN_PREFIX);
    const fields = changedFields(dto);
    const id = await this.tokens.insert({
      ...fields,
      hash: Buffer.from(tokenDigest(key), 'hex'),
      last4: key.slice(-4),
    });
    await this.changes.announce(id);
    return Object.assign(await this.get(id), { key });
  }

  async list({ page, page_size }: ListTokensDto): Promise<TokenPageDto> {
    const [tokens, total] = await this.tokens.listPage(page, page_size);
    return { items: await this.shown(tokens), total, page, page_size };
  }

  async update(id: number, dto: UpdateTokenDto): Promise<TokenDto> {
    const fields = changedFields(dto);
    if (Object.keys(fields).length > 0 && !(await this.tokens.update(id, fields))) throw new TokenNotFoundError(id);
    await this.changes.announce(id);
    return this.get(id);
  }

  async delete(id: number): Promise<void> {
    if (!(await this.tokens.delete(id))) throw new TokenNotFoundError(id);
    await this.changes.announce(id);
  }

  private async get(id: number): Promise<TokenDto> {
    const token = await this.tokens.find(id);
    const [shown] = await this.shown(token ? [token] : []);
    if (!shown) throw new TokenNotFoundError(id);
    return shown;
  }

  private async shown(tokens: readonly Token[]): Promise<TokenDto[]> {
    const spends = await this.tokens.spends(tokens, this.clock.wallMs());
    return tokens.map((token) => toTokenDto(token, spends.get(token.id) ?? null));
  }
}

function changedFields(dto: UpdateTokenDto): Partial<Token> {
  const { name, models, channel_ids, expired_time, requests_per_minute, concurrent_requests, status } = dto;
  return {
    ...(name !== undefined && { name }),
    ...(models && { models: [...new Set(models)] }),
    ...(channel_ids && { channelIds: [...new Set(channel_ids)] }),
    ...(expired_time !== undefined && { expiresAt: expiryOf(expired_time) }),
    ...(requests_per_minute !== undefined && { requestsPerMinute: requests_per_minute }),
    ...(concurrent_requests !== undefined && { concurrentRequests: concurrent_requests }),
    ...changedBudget(dto),
    ...(status !== undefined && { status }),
  };
}

function changedBudget({ max_requests, max_tokens, budget_period }: UpdateTokenDto): Partial<Token> {
  return {
    ...(max_requests !== undefined && { maxRequests: max_requests }),
    ...(max_tokens !== undefined && { maxTokens: max_tokens }),
    ...(budget_period && { budgetPeriod: budget_period }),
  };
}
