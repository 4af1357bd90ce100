import { neverBlackedOut } from './i1-never-blacked-out.ts';
import { neverRemovedInUse } from './i2-old-never-removed-in-use.ts';
import { neverAboveTheCap } from './i3-never-above-the-cap.ts';
import { nothingForwardAfterRed } from './i4-nothing-forward-after-red.ts';
import { allBackAfterRollback } from './i5-all-back-after-rollback.ts';
import { restartedOnce } from './i6-restarted-once.ts';
import { oneWriter } from './i7-one-writer.ts';
import { saysTheTruth } from './i8-says-the-truth.ts';
import { endsInTime } from './i9-ends-in-time.ts';
import { othersUntouched } from './i10-others-untouched.ts';
import { innocentNotBack } from './i11-innocent-not-back.ts';
import { leftBehindIsNamed } from './i12-left-behind-is-named.ts';
import type { Invariant } from './invariant.ts';

export const invariants: readonly Invariant[] = [
  neverBlackedOut,
  neverRemovedInUse,
  neverAboveTheCap,
  nothingForwardAfterRed,
  allBackAfterRollback,
  restartedOnce,
  oneWriter,
  saysTheTruth,
  endsInTime,
  othersUntouched,
  innocentNotBack,
  leftBehindIsNamed,
];
