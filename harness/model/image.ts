import { z } from "zod";
import { architectures } from "./target.ts";

/** How an image is packed, and so what a machine starts it from; each is also the key of a version that names the file. */
export const forms = ["disk", "iso", "uki", "efi", "kernel", "netboot", "oci", "rootfs"] as const;
export const form = z
  .enum(forms)
  .describe(
    "How the image is packed: `disk` (a whole disk), `iso`, `uki` or `efi` (one EFI program), `kernel` (with an initrd, and a root file system on a disk) `netboot` (a folder that is started from over the network), `oci` (a container image, as an OCI layout) or `rootfs` (a folder or archive that holds a root tree)",
  );

/** What an image is, and so what can be claimed of it. Suites are about systems, unless they require one of the other kinds. */
export const kinds = ["system", "installer", "memory-test", "firmware-shell"] as const;

/** Stands for the version of a disk given by its path, when nobody said which it is. */
export const unknownVersion = "unknown";

/** How a key gets into an image that is not changed: systemd credentials, cloud-init's NoCloud seed on a disk, an Ignition configuration by fw_cfg. */
export const keyWays = ["credential", "nocloud", "ignition"] as const;
export type KeyWay = (typeof keyWays)[number];

export const diskFormat = z.enum(["raw", "qcow2", "vmdk", "vpc", "vhdx"]);

const version = z.strictObject({
  version: z.string().describe("The image's own version, as its os-release says in IMAGE_VERSION or VERSION_ID"),
  disk: z.string().optional().describe("Disk file of this version, as installed new"),
  "disk-4096": z
    .string()
    .optional()
    .describe(
      "The same disk for machines whose disks have sectors of 4096 bytes: partition table and file systems know their sectors' size",
    ),
  format: diskFormat.default("raw"),
  iso: z.string().optional().describe("ISO file, put into an optical drive"),
  uki: z.string().optional().describe("The unified kernel image of this version as published; PCR 11 is predicted from its bytes"),
  efi: z.string().optional().describe("An EFI program that is no unified kernel image"),
  kernel: z.string().optional().describe("A kernel the firmware is handed, with `initrd`, `command-line` and `root`"),
  initrd: z.string().optional().describe("With `kernel`: its initrd"),
  "command-line": z
    .string()
    .optional()
    .describe(
      "With `kernel`: its command line, by default `console={console}`; `{console}` stands for the machine's serial line as its kernel calls it",
    ),
  root: z
    .string()
    .optional()
    .describe(
      "Root file system as published, compared with the slot it is installed in; with form `kernel` it is the machine's first disk",
    ),
  netboot: z
    .strictObject({
      folder: z.string().describe("What is served, by TFTP or HTTP"),
      file: z.string().describe("The EFI program the firmware fetches, relative to the folder"),
      over: z.enum(["pxe", "http"]).default("pxe").describe("How the firmware fetches it"),
    })
    .optional()
    .describe("A folder that is started from over the network"),
  oci: z
    .string()
    .optional()
    .describe(
      "An OCI layout (index.json, blobs) in a folder or a tar archive: with form `oci` started as a system container or, with a kernel in it, as a machine; with form `disk` and no `disk` it is installed on one",
    ),
  rootfs: z.string().optional().describe("A folder or tar archive that holds a root tree, started as a system container"),
  good: z.boolean().default(true).describe("false: this version is built never to become good"),
});

const extension = z.strictObject({
  name: z.string().describe("Name it is installed under, as NAME.raw; its extension-release file must carry the same"),
  kind: z.enum(["sysext", "confext"]),
  file: z.string(),
  matches: z
    .union([z.boolean(), z.array(z.string())])
    .describe("Whether the image must accept it: always, never, or only in these of its versions"),
  provides: z.string().optional().describe("Absolute path of a file it brings"),
  content: z.string().optional().describe("What that file holds"),
  next: z
    .strictObject({ file: z.string(), content: z.string() })
    .optional()
    .describe("A newer build of it, to be put in its place: its file, and what the file it brings holds then"),
  reason: z.string().optional().describe("Why it must be refused"),
});

/** image.yaml: a candidate image, one or more versions of one OS in update order. Paths are relative to the build's output (or, without a build, to the manifest). */
export const imageManifest = z.strictObject({
  image: z.string().regex(/^[a-z0-9][a-z0-9./-]*$/),
  title: z.string(),
  from: z
    .string()
    .optional()
    .describe(
      "Folder of another image this one is made from, relative to this file. What is not said here is as it says; it is built first, and the build finds its files in the folder FROM",
    ),
  kind: z
    .enum(kinds)
    .optional()
    .describe(
      "What it is, by default a system: a `system` that boots up and lets people in, or a program with a screen of its own. Claims about other kinds do not apply to it",
    ),
  expects: z
    .array(z.string())
    .optional()
    .describe("Signatures of the diagnosis, by id, that are no fault of this image: showing them is what it is for"),
  os: z.string().default("none").describe("Update family, spoken to by the adapter of that name"),
  form: form.default("disk"),
  "form-on": z.partialRecord(z.enum(architectures), form).optional().describe("Architectures on which it is packed otherwise"),
  architectures: z.array(z.enum(architectures)).min(1),
  access: z
    .strictObject({
      shell: z
        .enum(["credential", "builtin", "none", "find"])
        .default("credential")
        .describe(
          "How a root shell on a virtio port comes about: asked for by systemd credential, opened by the image itself, not at all; `find`: asked for, and whichever way in answers first is the preferred one",
        ),
      ssh: z
        .strictObject({
          user: z.string().default("root"),
          by: z
            .array(z.enum(keyWays))
            .optional()
            .describe("How the image learns the key that may log in: by default `credential`, or with `key` not at all"),
          key: z
            .string()
            .optional()
            .describe("File of the private key (OpenSSH) of a public one the image trusts already; else one is made"),
        })
        .optional(),
      serial: z
        .strictObject({
          user: z.string(),
          password: z.string(),
          "kernel-log": z
            .enum(["keep", "quiet"])
            .optional()
            .describe(
              "`quiet` keeps all but the kernel's emergencies off the console while a serial shell is open, and puts the level back when it is closed; `keep`, the default, never changes it",
            ),
        })
        .optional(),
    })
    .prefault({}),
  build: z
    .strictObject({
      command: z.array(z.string()).min(1),
      recipe: z.string().optional().describe("Folder of the recipe, if not this one"),
      env: z.record(z.string(), z.string()).default({}),
      emulation: z
        .boolean()
        .optional()
        .describe(
          "The build runs programs of the image's architecture: for one that is not the host's they are emulated, which takes root and some minutes",
        ),
    })
    .optional(),
  certificates: z
    .array(z.string())
    .default([])
    .describe("X.509 certificates (PEM or DER) of the keys it is signed with: a target with Secure Boot trusts them beside its own"),
  memory: z.number().int().min(64).default(1024).describe("Guest memory in MiB"),
  versions: z.array(version).min(1),
  updates: z.strictObject({ address: z.string().describe("Where the image's updater looks; osbench serves the update there") }).optional(),
  extensions: z
    .array(extension)
    .default([])
    .superRefine((extensions, context) => {
      for (const [index, { name, kind }] of extensions.entries()) {
        if (extensions.findIndex((other) => other.name === name && other.kind === kind) === index) continue;
        context.addIssue({
          code: "custom",
          path: [index, "name"],
          message: `a ${kind} called ${name} stands above already; give a newer build of it as \`next\``,
        });
      }
    }),
  broken: z
    .strictObject({
      what: z.string().describe("What is wrong with it, in one sentence"),
      claims: z
        .record(z.string(), z.array(z.string()).min(1))
        .describe("The claims that must fail, and no other may: names of tests, by the name of their suite"),
    })
    .optional()
    .describe("This image is broken on purpose: what is wrong with it, and which claims must notice"),
});

export type ImageManifest = z.infer<typeof imageManifest>;
export type ImageVersion = ImageManifest["versions"][number];
/** Keys of a version that name one file each. */
export const artefactKeys = ["disk", "disk-4096", "iso", "uki", "efi", "kernel", "initrd", "root"] as const;

/** Every file and folder of a version, as the manifest names it. */
export function artefactsOf(version: ImageVersion): string[] {
  return [...artefactKeys.map((key) => version[key]), version.netboot?.folder, version.oci, version.rootfs].filter(
    (file) => file !== undefined,
  );
}

export type ImageExtension = ImageManifest["extensions"][number];

/** How the key of the image's SSH user gets in. */
export function keyWaysOf({ ssh }: ImageManifest["access"]): readonly KeyWay[] {
  return ssh === undefined ? [] : (ssh.by ?? (ssh.key === undefined ? ["credential"] : []));
}

/** An image that stands on disk, ready to be put in a target: every path absolute. */
export interface Image {
  readonly manifest: ImageManifest;
  readonly name: string;
  /** Folder that holds the artefacts. */
  readonly folder: string;
  /** sha256 of the recipe and tools it was built from, or of the disk file itself. */
  readonly digest: string;
  readonly architecture: (typeof architectures)[number];
  /** Who its versions are as container images, by version; absent if none is one. */
  readonly containers?: Readonly<Record<string, OciIdentity>>;
}

/** Who a container image is. */
export interface OciIdentity {
  /** Digest of its manifest, which names all there is in it: `sha256:…`. */
  readonly manifest: string;
  /** Digests of the unpacked layers, bottom first. */
  readonly layers: readonly string[];
  readonly base?: OciBase;
}

/** What a container image is made from, and how that was found. */
export interface OciBase {
  readonly name?: string;
  /** Of its manifest. */
  readonly digest?: string;
  readonly found: string;
}
