// Cases of look-ups and of the sums that transpose them.
import { gather, scatterAdd, scatterAddAlongAxis, takeAlongAxis } from '@espalier/core/graph';
import { booleans, exactly, floats, integers, whole } from '../draws.js';
import { graphCase } from '../graph-case.js';

export const lookUpCases = {
  gather: [
    graphCase('rows', { table: floats([4, 3]), at: integers([2, 2], exactly(3, 0, 1, 3)) }, ({ table, at }) =>
      gather(table, at),
    ),
    graphCase('one row', { table: floats([4, 3]), at: integers([], exactly(2)) }, ({ table, at }) => gather(table, at)),
    graphCase('of rank 1', { table: floats([4]), at: integers([3], whole(0, 4)) }, ({ table, at }) =>
      gather(table, at),
    ),
    graphCase('blocks', { table: floats([2, 2, 3]), at: integers([3], whole(0, 2)) }, ({ table, at }) =>
      gather(table, at),
    ),
    graphCase('of integers', { table: integers([4, 2]), at: integers([3], whole(0, 4)) }, ({ table, at }) =>
      gather(table, at),
    ),
    graphCase('of booleans', { table: booleans([4]), at: integers([3], whole(0, 4)) }, ({ table, at }) =>
      gather(table, at),
    ),
    graphCase('no rows', { table: floats([4, 2]), at: integers([0]) }, ({ table, at }) => gather(table, at)),
    graphCase('empty rows', { table: floats([4, 0]), at: integers([2], exactly(1, 3)) }, ({ table, at }) =>
      gather(table, at),
    ),
  ],
  scatterAdd: [
    graphCase(
      'rows that meet',
      { at: integers([2, 2], exactly(3, 0, 1, 3)), rows: floats([2, 2, 3]) },
      ({ at, rows }) => scatterAdd(at, rows, 5),
    ),
    graphCase('numbers', { at: integers([4], exactly(1, 1, 1, 0)), rows: floats([4]) }, ({ at, rows }) =>
      scatterAdd(at, rows, 2),
    ),
    graphCase('one row', { at: integers([], exactly(1)), rows: floats([3]) }, ({ at, rows }) =>
      scatterAdd(at, rows, 2),
    ),
    graphCase('integers', { at: integers([3], exactly(2, 0, 2)), rows: integers([3, 2]) }, ({ at, rows }) =>
      scatterAdd(at, rows, 3),
    ),
    graphCase('no rows', { at: integers([0]), rows: floats([0, 2]) }, ({ at, rows }) => scatterAdd(at, rows, 3)),
    // Large enough for several threads, which must not lose each other's additions.
    graphCase('many rows that meet', { at: integers([4096], whole(0, 8)), rows: floats([4096, 64]) }, ({ at, rows }) =>
      scatterAdd(at, rows, 8),
    ),
    graphCase('empty rows', { at: integers([2], exactly(0, 1)), rows: floats([2, 0]) }, ({ at, rows }) =>
      scatterAdd(at, rows, 3),
    ),
  ],
  takeAlongAxis: [
    graphCase('along the last axis', { x: floats([2, 4]), at: integers([2, 3], whole(0, 4)) }, ({ x, at }) =>
      takeAlongAxis(x, at, -1),
    ),
    graphCase(
      'along the first axis, more than there are',
      { x: floats([2, 3]), at: integers([4, 3], whole(0, 2)) },
      ({ x, at }) => takeAlongAxis(x, at, 0),
    ),
    graphCase('along the middle axis', { x: floats([2, 3, 2]), at: integers([2, 1, 2], whole(0, 3)) }, ({ x, at }) =>
      takeAlongAxis(x, at, 1),
    ),
    graphCase('of integers', { x: integers([3, 3]), at: integers([3, 2], whole(0, 3)) }, ({ x, at }) =>
      takeAlongAxis(x, at, 1),
    ),
    graphCase('of booleans', { x: booleans([4]), at: integers([2], whole(0, 4)) }, ({ x, at }) =>
      takeAlongAxis(x, at, 0),
    ),
    graphCase('nothing', { x: floats([2, 3]), at: integers([2, 0]) }, ({ x, at }) => takeAlongAxis(x, at, 1)),
  ],
  scatterAddAlongAxis: [
    graphCase('along the last axis', { at: integers([2, 3], whole(0, 4)), x: floats([2, 3]) }, ({ x, at }) =>
      scatterAddAlongAxis(at, x, -1, 4),
    ),
    graphCase('along the first axis, all meet', { at: integers([4, 2], exactly(1)), x: floats([4, 2]) }, ({ x, at }) =>
      scatterAddAlongAxis(at, x, 0, 2),
    ),
    graphCase('along the middle axis', { at: integers([2, 1, 2], whole(0, 3)), x: floats([2, 1, 2]) }, ({ x, at }) =>
      scatterAddAlongAxis(at, x, 1, 3),
    ),
    graphCase('integers', { at: integers([3, 2], whole(0, 2)), x: integers([3, 2]) }, ({ x, at }) =>
      scatterAddAlongAxis(at, x, 1, 2),
    ),
    graphCase('nothing', { at: integers([2, 0]), x: floats([2, 0]) }, ({ x, at }) => scatterAddAlongAxis(at, x, 1, 3)),
  ],
};
