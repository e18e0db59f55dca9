"""derive.py BASE NAME NEW LAYER: copies an OCI layout called NAME and puts one layer on top: what is in the folder LAYER, and one whiteout."""

import gzip
import hashlib
import io
import json
import os
import shutil
import sys
import tarfile

base, name, new, layer = sys.argv[1:]
shutil.copytree(base, new)
blobs = os.path.join(new, "blobs", "sha256")


def read(descriptor):
    with open(os.path.join(blobs, descriptor["digest"].split(":")[1]), "rb") as file:
        return json.load(file)


def write(data, media_type):
    digest = hashlib.sha256(data).hexdigest()
    with open(os.path.join(blobs, digest), "wb") as file:
        file.write(data)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}


def as_root(member):
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mtime = int(os.environ["SOURCE_DATE_EPOCH"])
    return member


stream = io.BytesIO()
with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
    for entry in sorted(os.listdir(layer)):
        archive.add(os.path.join(layer, entry), arcname=entry, filter=as_root)
    # The base's greeting before a login over the network goes.
    archive.addfile(as_root(tarfile.TarInfo("etc/.wh.issue.net")))
plain = stream.getvalue()

index_file = os.path.join(new, "index.json")
with open(index_file) as file:
    index = json.load(file)
manifest = read(index["manifests"][0])
config = read(manifest["config"])
config["rootfs"]["diff_ids"].append("sha256:" + hashlib.sha256(plain).hexdigest())
config.setdefault("history", []).append({"created_by": "derive.py"})
packed = gzip.compress(plain, mtime=0)
manifest["layers"].append(write(packed, "application/vnd.oci.image.layer.v1.tar+gzip"))
manifest["config"] = write(json.dumps(config).encode(), manifest["config"]["mediaType"])
# Source: OCI image specification, annotations.md.
manifest["annotations"] = {
    **manifest.get("annotations", {}),
    "org.opencontainers.image.base.name": name,
    "org.opencontainers.image.base.digest": index["manifests"][0]["digest"],
}
index["manifests"][0] = {**index["manifests"][0], **write(json.dumps(manifest).encode(), index["manifests"][0]["mediaType"])}
with open(index_file, "w") as file:
    json.dump(index, file)
