import type { Setting } from './setting';

const settings = new Map<string, Setting>();

/** Declares which environment variable fills this property of `AppConfig`. */
export function Env(setting: Setting): PropertyDecorator {
  return (_target, property) => {
    settings.set(String(property), setting);
  };
}

/** Every declared setting by the property it fills, in the order of declaration. */
export function declaredSettings(): ReadonlyMap<string, Setting> {
  return settings;
}
