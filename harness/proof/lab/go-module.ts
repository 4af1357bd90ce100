/** One Go module whose `tool` lines are binaries that a rehearsal runs. Its versions are pinned by go.mod and go.sum. */
export interface GoModule {
  name: string;
  /** The folder of go.mod, go.sum, and of Go files if a binary is built from them. */
  sources: string;
  title: string;
  /** What a cold build takes on two cores. */
  duration: string;
  binaries: readonly string[];
  flags: readonly string[];
  /** Built without cgo: runs in an image with any libc. */
  isStatic?: boolean;
  /** Files and folders of a dependency that are needed at run time. */
  assets?: { from: string; files: readonly string[] };
}
