import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { periodName } from './budget-period';
import { Token } from './token.entity';
import type { PeriodSpend } from './token-budget';

const SPENDS = `
  SELECT token_id, period, requests, tokens FROM token_usage
  WHERE (token_id, period) IN (SELECT * FROM unnest($1::bigint[], $2::text[]))`;

/** The driver gives bigints as text. */
type SpendRow = Readonly<Record<'token_id' | 'period' | 'requests' | 'tokens', string>>;

/** Reads and writes the rows of tokens, and reads what tokens have spent. */
@Injectable()
export class TokensRepository {
  constructor(@InjectRepository(Token) private readonly rows: Repository<Token>) {}

  async list(): Promise<Token[]> {
    return this.rows.find({ order: { id: 'ASC' } });
  }

  async listPage(page: number, pageSize: number): Promise<[Token[], number]> {
    return this.rows.findAndCount({ order: { id: 'ASC' }, skip: (page - 1) * pageSize, take: pageSize });
  }

  async find(id: number): Promise<Token | null> {
    return this.rows.findOneBy({ id });
  }

  /** What each of these has spent in its budget period at this moment, by token id; without those that spent nothing. */
  async spends(tokens: readonly Token[], atMs: number): Promise<ReadonlyMap<number, PeriodSpend>> {
    const periods = tokens.map(({ budgetPeriod }) => periodName(budgetPeriod, atMs));
    const rows = await this.rows.query<SpendRow[]>(SPENDS, [tokens.map(({ id }) => id), periods]);
    return new Map(
      rows.map(({ token_id, period, requests, tokens }) => [
        Number(token_id),
        { period, requests: Number(requests), tokens: Number(tokens) },
      ]),
    );
  }

  async insert(fields: Partial<Token>): Promise<number> {
    const { identifiers } = await this.rows.insert(fields);
    return Number(identifiers[0]?.['id']);
  }

  /** Whether there was such a token. */
  async update(id: number, fields: Partial<Token>): Promise<boolean> {
    const { affected } = await this.rows.update({ id }, fields);
    return affected === 1;
  }

  /** Whether there was such a token. */
  async delete(id: number): Promise<boolean> {
    const { affected } = await this.rows.delete({ id });
    return affected === 1;
  }
}
