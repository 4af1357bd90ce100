import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { ConfigFileUnreadable } from '../config/config-errors.ts';
import { loadConfig } from '../config/load-config.ts';
import { messageOf } from '../model/upgrade-error.ts';
import * as promql from '../promql/lint-promql.ts';

/** @throws ConfigError with every complaint; CONFIG_FILE_UNREADABLE */
export function readConfig(file: string): Config {
  return loadConfig(textOfConfig(file), file, promql);
}

/** @throws CONFIG_FILE_UNREADABLE */
export function textOfConfig(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (failure) {
    throw ConfigFileUnreadable.because(failure, file, '--config', messageOf(failure));
  }
}
