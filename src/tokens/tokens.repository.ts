import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Token } from './token.entity';

/** Reads and writes the rows of tokens. */
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
