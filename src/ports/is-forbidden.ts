/** Whether the API server refused a request because this user lacks the right: a StatusError with reason `Forbidden`. */
export const isForbidden = (thrown: unknown): boolean =>
  thrown instanceof Error && 'reason' in thrown && thrown.reason === 'Forbidden';
