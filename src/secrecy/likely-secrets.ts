const names =
  '(?:bearer-?token|(?:id|access|refresh)[-_]?token|token|password|passwd|client[-_]?secret|client-?key-?data|client-?certificate-?data)';

/** Forms in which other programs write secrets; each replacement keeps the part that shows what kind of secret it was. */
const shapes: readonly (readonly [RegExp, string])[] = [
  // A user in a URL, encoded once or not.
  [/((?::|%3a)(?:\/\/|%2f%2f))[^\s/?#"'<>]{0,500}(?:@|%40)/gi, '$1***@'],
  [/\b((?:Bearer|Basic)(?:\s+|%20|\+))(?=[^\s"']*[\d=])[\w.~+/=%-]{8,}/gi, '$1***'],
  [/\b(authorization["']?\s*[:=]\s*["']?[A-Za-z0-9-]+\s+)[^\s"',;]+/gi, '$1***'],
  // A JSON web token, and one in base64.
  [/\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?/g, '***'],
  [/\bZXlK[\w+/=-]{20,}/g, '***'],
  [/(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(?=-----END|$)/g, '$1***'],
  [/\bLS0tLS1CRUdJTi[\w+/=-]{12,}/g, '***'],
  [new RegExp(`(\\\\?["']${names}\\\\?["']\\s*:\\s*\\\\?["'])[^"'\\\\]+`, 'gi'), '$1***'],
  [new RegExp(`\\b(${names}(?:=|%3d))(?!\\*)[^\\s"'&,;]{6,}`, 'gi'), '$1***'],
  [new RegExp(`\\b(${names}:\\s+["']?)(?!\\*)[^\\s"',;]{16,}`, 'gi'), '$1***'],
];

/** Text without anything that has the form of a secret, from any program: an API server, a proxy, a plugin, istioctl. */
export function hideLikelySecrets(text: string): string {
  return shapes.reduce((shown, [shape, instead]) => shown.replace(shape, instead), text);
}
