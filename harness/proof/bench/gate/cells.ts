import { badCells } from './bad-cells.ts';
import type { Cell } from './cell.ts';
import { healthyCells } from './healthy-cells.ts';

export const cells: readonly Cell[] = [...healthyCells, ...badCells];

export class CellUnknown extends Error {}

/** All of them, all of one kind or of one group (`bad/size`), or one by its name. @throws CellUnknown */
export function chooseCells(wanted: readonly string[]): readonly Cell[] {
  return wanted.flatMap((name) => {
    const found = cells.filter(
      (cell) => name === 'all' || name === cell.kind || name === `${cell.kind}/${cell.group}` || name === cell.name,
    );
    if (found.length === 0) throw new CellUnknown(`there is no cell and no group of cells "${name}"`);
    return found;
  });
}
