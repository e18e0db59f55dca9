/** A credential for the guest's service manager, handed over without touching the image. Source: systemd.system-credentials(7). */
export interface Credential {
  readonly name: string;
  readonly value: string;
}
