/** One object of a manifest, by kind and name. */
export interface ManifestObject {
  kind: string;
  name: string;
  namespace?: string;
}

/** What an install would apply. */
export interface Manifest {
  objects: readonly ManifestObject[];
  /** Of the text of all objects, whatever their order. */
  hash: string;
  /** Those with the values, the mesh config and the templates of the injection. */
  configMaps: readonly { name: string; namespace?: string; data: Readonly<Record<string, string>> }[];
}
