/** One object of a manifest, by kind and name. */
export interface ManifestObject {
  kind: string;
  name: string;
  namespace?: string;
}
