import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';

/** Knows the admin token, and compares it in constant time. */
@Injectable()
export class AdminCredentials {
  private readonly digest: Buffer;

  constructor(config: AppConfig) {
    this.digest = digestOf(config.adminToken);
  }

  isAdminToken(token: string): boolean {
    return timingSafeEqual(digestOf(token), this.digest);
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
