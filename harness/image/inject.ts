import type { Credential } from "../model/credential.ts";
import { keyWaysOf, type ImageManifest } from "../model/image.ts";

/** Ports the shell stands on, as the guest sees them. */
export interface ShellPorts {
  readonly shell: string;
  readonly stderr: string;
}

/**
 * Credentials that open the ways in an image declares, without changing the image: a root shell on virtio ports as an
 * extra unit, an SSH key for the user. The same input gives the same bytes, since firmware measures them into PCR 1.
 * Source: systemd.system-credentials(7) (systemd.extra-unit.*, systemd.unit-dropin.*, ssh.authorized_keys.root,
 * tmpfiles.extra), tmpfiles.d(5).
 */
export function accessCredentials(access: ImageManifest["access"], ports: ShellPorts, publicKey: string): Credential[] {
  const credentials: Credential[] = [];
  if (access.shell === "credential" || access.shell === "find") {
    credentials.push(
      { name: "systemd.extra-unit.osbench-shell.service", value: shellUnit(ports) },
      { name: "systemd.unit-dropin.multi-user.target", value: "[Unit]\nWants=osbench-shell.service\n" },
    );
  }
  if (access.ssh && keyWaysOf(access).includes("credential")) credentials.push(sshKey(access.ssh.user, publicKey));
  return credentials;
}

function sshKey(user: string, publicKey: string): Credential {
  if (user === "root") return { name: "ssh.authorized_keys.root", value: `${publicKey}\n` };
  const folder = `/home/${user}/.ssh`;
  const lines = [`d ${folder} 0700 ${user} - -`, `f+ ${folder}/authorized_keys 0600 ${user} - - ${publicKey}`];
  return { name: "tmpfiles.extra", value: lines.map((line) => `${line}\n`).join("") };
}

function shellUnit(ports: ShellPorts): string {
  const devices = [ports.shell, ports.stderr].map(deviceUnit).join(" ");
  return `[Unit]
Description=Root shell for osbench
DefaultDependencies=no
Wants=${devices}
After=${devices}
Conflicts=shutdown.target
Before=shutdown.target

[Service]
ExecStart=-/bin/sh
StandardInput=file:/dev/virtio-ports/${ports.shell}
StandardOutput=file:/dev/virtio-ports/${ports.shell}
StandardError=file:/dev/virtio-ports/${ports.stderr}
Environment=HOME=/root TERM=dumb
Restart=always
RestartSec=100ms
TimeoutStopSec=1s
SendSIGHUP=yes
`;
}

/** The device unit of a virtio port. Source: systemd.unit(5), path escaping. */
function deviceUnit(port: string): string {
  return `dev-virtio\\x2dports-${port.replaceAll("-", "\\x2d")}.device`;
}
