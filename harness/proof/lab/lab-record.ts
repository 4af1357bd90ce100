import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabContents } from './modules.ts';
import { labFiles } from './places.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

/** Written beside a lab's state: whose it is. */
export interface LabRecord {
  /** The process that holds the namespaces (`unshare`); its end is the lab's end. */
  holder: ProcessIdentity;
  uid: number;
  binaries: string;
  contents: LabContents;
}

/** A folder without a record is being made, unless it is older than this. */
const NEWBORN_MS = 60_000;

export function writeRecord(stateDir: string, record: LabRecord): void {
  writeFileSync(labFiles(stateDir).record, JSON.stringify(record));
}

/** @returns undefined if no lab lives there */
export function readLiving(stateDir: string): LabRecord | undefined {
  const record = readRecord(stateDir);
  return record && isAlive(record.holder) ? record : undefined;
}

/** Removes the state of labs whose processes are gone. The processes themselves cannot outlive their holder. */
export function sweepDeadLabs(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const dead = readdirSync(folder).filter((name) => isDead(join(folder, name)));
  for (const name of dead) rmSync(join(folder, name), { recursive: true, force: true });
  return dead;
}

function isDead(stateDir: string): boolean {
  const record = readRecord(stateDir);
  return record ? !isAlive(record.holder) : Date.now() - statSync(stateDir).mtimeMs > NEWBORN_MS;
}

function readRecord(stateDir: string): LabRecord | undefined {
  const { record } = labFiles(stateDir);
  return existsSync(record) ? (JSON.parse(readFileSync(record, 'utf8')) as LabRecord) : undefined;
}
