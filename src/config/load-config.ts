import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { validateSync } from 'class-validator';
import { issueSecretToken } from '../common/secret-token';
import { AppConfig } from './app-config';
import { ConfigError } from './config.error';
import { declaredSettings } from './env.decorator';
import { keepSecretFile, type SecretFile } from './secret-file';
import { type Setting, SettingFault } from './setting';

type Environment = Readonly<Record<string, string | undefined>>;
type Values = Record<string, unknown>;

/** The configuration and what a starting program should say about it; the notices name files, never values. */
export interface LoadedConfig {
  readonly config: AppConfig;
  readonly notices: readonly string[];
}

/**
 * Reads, completes and validates the configuration; secrets that are not given are made once and kept in DATA_DIR.
 * Throws a `ConfigError` that lists every fault at once.
 */
export function loadConfig(environment: Environment): LoadedConfig {
  const faults: string[] = [];
  const values = readValues(environment, faults);
  faults.push(...validationFaults(values), ...missingSecrets(values));
  if (faults.length > 0) throw new ConfigError(faults);
  const notices = completeSecrets(values);
  faults.push(...validationFaults(values));
  if (faults.length > 0) throw new ConfigError(faults);
  return { config: Object.freeze(Object.assign(new AppConfig(), values)), notices };
}

/** What the environment says about each setting, read but not yet judged as a whole. */
function readValues(environment: Environment, faults: string[]): Values {
  const values: Values = {};
  for (const [property, setting] of declaredSettings()) {
    try {
      const text = textOf(setting, environment) ?? setting.fallback;
      const read = setting.read ?? String;
      values[property] = text === undefined ? null : read(text);
    } catch (error) {
      if (!(error instanceof SettingFault)) throw error;
      faults.push(`${setting.env}: ${error.message}`);
    }
  }
  return values;
}

function textOf(setting: Setting, environment: Environment): string | undefined {
  const direct = given(environment, setting.env);
  const file = setting.isSecret ? given(environment, `${setting.env}_FILE`) : undefined;
  if (file === undefined) return direct;
  if (direct !== undefined) throw new SettingFault(`is given twice: set ${setting.env} or ${setting.env}_FILE`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new SettingFault(`the file that ${setting.env}_FILE names cannot be read`);
  }
}

/** An empty variable counts as unset. */
function given(environment: Environment, name: string): string | undefined {
  const text = environment[name]?.trim();
  return text === '' ? undefined : text;
}

/** In production the secrets of an external database's keys are not ours to make up. */
function missingSecrets(values: Values): string[] {
  if (values['nodeEnv'] !== 'production' || values['databaseUrl'] === null) return [];
  const missing = [...declaredSettings()].filter(([property]) => SECRETS[property] && values[property] === null);
  return missing.map(([, { env }]) => `${env}: must be set (or ${env}_FILE) in production with DATABASE_URL`);
}

interface KeptSecret {
  readonly file: string;
  readonly generate: () => string;
  readonly notice: string;
}

/** The secrets that are made when they are not given, by the property they fill. */
const SECRETS: Readonly<Record<string, KeptSecret>> = {
  adminToken: {
    file: 'admin-token',
    generate: () => issueSecretToken('km-admin-'),
    notice: 'Made an admin token; read it from',
  },
  encryptionKey: {
    file: 'encryption-key',
    generate: () => randomBytes(32).toString('base64'),
    notice: 'Made an encryption key; BACK IT UP with the database, stored keys cannot be read without it:',
  },
};

function completeSecrets(values: Values): string[] {
  const notices: string[] = [];
  const dataDir = resolve(String(values['dataDir']));
  values['dataDir'] = dataDir;
  for (const [property, secret] of Object.entries(SECRETS)) {
    if (values[property] !== null) continue;
    const kept = keepSecret(dataDir, secret);
    values[property] = kept.value;
    if (kept.isNew) notices.push(`${secret.notice} ${kept.path}`);
  }
  return notices;
}

function keepSecret(dataDir: string, secret: KeptSecret): SecretFile {
  try {
    return keepSecretFile(dataDir, secret.file, secret.generate);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    throw new ConfigError([`DATA_DIR: cannot read or write ${secret.file} in it (${code})`]);
  }
}

/** What is wrong with the values that could be read. */
function validationFaults(values: Values): string[] {
  const errors = validateSync(Object.assign(new AppConfig(), values), { forbidUnknownValues: false });
  return errors
    .filter(({ property }) => (values[property] ?? null) !== null)
    .flatMap(({ property, constraints }) => {
      const env = declaredSettings().get(property)?.env ?? property;
      return Object.values(constraints ?? {}).map((text) => `${env}: ${text.replace(`${property} `, '')}`);
    });
}
