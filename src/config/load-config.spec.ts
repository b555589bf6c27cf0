import { linkSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { isSecretToken } from '../common/secret-token';
import { ConfigError } from './config.error';
import { loadConfig } from './load-config';

describe(loadConfig, () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'keymux-config-'));
  });

  afterEach(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });

  function faultsOf(environment: Record<string, string>): readonly string[] {
    try {
      loadConfig({ DATA_DIR: dataDir, ...environment });
    } catch (error) {
      if (error instanceof ConfigError) return error.faults;
      throw error;
    }
    return [];
  }

  it('makes the secrets once, readable by their owner only, and names their files without the values', () => {
    const first = loadConfig({ DATA_DIR: dataDir });
    expect(first.notices).toHaveLength(2);
    expect(first.notices.join('\n')).toContain(join(dataDir, 'admin-token'));
    expect(first.notices.join('\n')).not.toContain(first.config.adminToken);
    expect(isSecretToken(first.config.adminToken, 'km-admin-')).toBe(true);
    expect(Buffer.from(first.config.encryptionKey, 'base64')).toHaveLength(32);
    for (const name of ['admin-token', 'encryption-key']) {
      expect(statSync(join(dataDir, name)).mode & 0o777).toBe(0o600);
    }

    const second = loadConfig({ DATA_DIR: dataDir });
    expect(second.notices).toEqual([]);
    expect(second.config.adminToken).toBe(first.config.adminToken);
    expect(second.config.encryptionKey).toBe(first.config.encryptionKey);
  });

  it('never writes a secret again, whatever a killed start left beside it', () => {
    const first = loadConfig({ DATA_DIR: dataDir });
    linkSync(join(dataDir, 'encryption-key'), join(dataDir, `encryption-key.${process.pid}.new`));
    const second = loadConfig({ DATA_DIR: dataDir });
    expect(second.config.encryptionKey).toBe(first.config.encryptionKey);
  });

  it('reads durations, sizes and flags', () => {
    const { config } = loadConfig({
      DATA_DIR: dataDir,
      RELAY_CONNECT_TIMEOUT: '2s',
      RELAY_BODY_LIMIT: '1mb',
      EXPOSE_ROUTE_HEADERS: 'true',
    });
    expect(config).toMatchObject({
      relayConnectTimeoutMs: 2_000,
      relayBodyLimitBytes: 1_048_576,
      exposeRouteHeaders: true,
    });
  });

  it('is frozen and shows nothing when it is logged', () => {
    const { config } = loadConfig({ DATA_DIR: dataDir });
    expect(Object.isFrozen(config)).toBe(true);
    expect(`${inspect(config)}${JSON.stringify(config)}`).not.toContain(config.adminToken);
  });

  it('lists all faults at once, by name and never by value', () => {
    const faults = faultsOf({
      PORT: '99999',
      LOG_LEVEL: 'canary',
      DATABASE_URL: 'mysql://canary',
      ADMIN_TOKEN: 'canary',
    });
    expect(faults.map((fault) => fault.split(':')[0]).sort()).toEqual([
      'ADMIN_TOKEN',
      'DATABASE_URL',
      'LOG_LEVEL',
      'PORT',
    ]);
    expect(faults.join()).not.toContain('canary');
  });

  it.each([
    ['PORT', 'eighty'],
    ['RELAY_BODY_LIMIT', 'big'],
    ['RELAY_IDLE_TIMEOUT', '-1s'],
    ['EXPOSE_ROUTE_HEADERS', 'yes'],
    ['ENCRYPTION_KEY', 'dG9vc2hvcnQ='],
    ['UPSTREAM_ALLOW', '10.0.0.0/99'],
  ])('refuses %s=%s', (name, value) => {
    expect(faultsOf({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name}: `))]);
  });

  it('takes a secret from the file that NAME_FILE names, and refuses both at once', () => {
    const file = join(dataDir, 'token.txt');
    writeFileSync(file, 'a-token-from-a-file\n');
    expect(loadConfig({ DATA_DIR: dataDir, ADMIN_TOKEN_FILE: file }).config.adminToken).toBe('a-token-from-a-file');
    expect(faultsOf({ ADMIN_TOKEN: 'another-admin-token', ADMIN_TOKEN_FILE: file })).toEqual([
      'ADMIN_TOKEN: is given twice: set ADMIN_TOKEN or ADMIN_TOKEN_FILE',
    ]);
  });

  it('demands given secrets in production with an external database', () => {
    expect(faultsOf({ NODE_ENV: 'production', DATABASE_URL: 'postgres://db/keymux' })).toHaveLength(2);
    expect(() => readFileSync(join(dataDir, 'admin-token'))).toThrow();
    expect(faultsOf({ NODE_ENV: 'production' })).toEqual([]);
  });
});
