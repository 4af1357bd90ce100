import type { PodAnswer } from '../../model/world.ts';
import type { Refused } from '../../ports/kubernetes.ts';

/** What a refused dry run says of the pod. Only admission, by a policy, PodSecurity or a webhook, says anything of it. */
export function readAnswer({ code, reason, message, causes }: Refused): Exclude<PodAnswer, { revision: string }> {
  if (causes.includes('NamespaceTerminating') || reason === 'NotFound') return { passedOver: message };
  if (isQuotaFull(message)) return { passedOver: message };
  if (message.includes('failed calling webhook'))
    return { refused: message, by: isInjectorDown(message) ? 'injector' : 'admission' };
  // The right of this user, a name that is taken, a busy or broken API server.
  if (message.includes('cannot create resource "pods"') || reason === 'AlreadyExists') return { unknown: message };
  return code === 429 || code >= 500 ? { unknown: message } : { refused: message, by: 'admission' };
}

export const isRefusedByAdmission = (answer: PodAnswer): answer is Extract<PodAnswer, { refused: string }> =>
  'refused' in answer && answer.by === 'admission';

/** A pod that does not fit is refused whatever its sidecar is. */
export const isQuotaFull = (message: string): boolean => message.includes('exceeded quota');

/** The injector of a revision or tag did not answer, by the name of its webhook or by the Service that it calls. */
export const isInjectorDown = (message: string): boolean =>
  /failed calling webhook "[^"]*sidecar-injector\.istio\.io"|failed calling webhook .*https:\/\/istiod[^/]*\/inject/.test(
    message,
  );
