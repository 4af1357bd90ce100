/** The variables that action.yml passes to our steps; a test compares the two. */
export const fromActionYml = {
  /** All inputs as one JSON object: a composite action does not export its inputs to the environment. */
  inputs: 'UPGRADE_INPUTS',
  /** The istioctl that the step before has fetched or probed. */
  istioctl: 'UPGRADE_ISTIOCTL',
  /** For the finalize step: how the run step ended for the runner (`success`, `failure`, `cancelled`). */
  runStep: 'UPGRADE_RUN_STEP',
  /** For the finalize step: the run step's output `outcome`; empty when it was killed. */
  runOutcome: 'UPGRADE_RUN_OUTCOME',
  /** For the finalize step: the run step's output `reason`. */
  runReason: 'UPGRADE_RUN_REASON',
  /** For the finalize step: the run id with which the run step writes the journal. */
  runId: 'UPGRADE_RUN_ID',
} as const;

/** Set in every process that a run starts, so that its finalize step finds those that still run after it. */
export const runMarker = 'ISTIO_CANARY_UPGRADE_RUN';

export type Environment = Readonly<Record<string, string | undefined>>;
