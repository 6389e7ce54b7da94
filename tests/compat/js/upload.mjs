// An ordinary program of AWS's SDK for JavaScript: uploads the files of a folder, lists the bucket,
// reads back, compares. Knows nothing of Larder.
import { createReadStream } from "node:fs";
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

const [folder, bucket, prefix] = process.argv.slice(2);
const s3 = new S3Client({});

async function upload(key, path) {
  const params = { Bucket: bucket, Key: key, Body: createReadStream(path) };
  await new Upload({ client: s3, params }).done();
}

async function listedSizes() {
  const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}/` }));
  return new Map((page.Contents ?? []).map((item) => [item.Key, item.Size]));
}

async function stored(key) {
  const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from(await answer.Body.transformToByteArray());
}

const names = await readdir(folder);
for (const name of names) await upload(`${prefix}/${name}`, join(folder, name));
const sizes = await listedSizes();
for (const name of names) {
  const key = `${prefix}/${name}`;
  const path = join(folder, name);
  const listed = sizes.get(key);
  if (listed !== (await stat(path)).size) throw new Error(`${key}: listed ${listed}`);
  if (!(await stored(key)).equals(await readFile(path))) throw new Error(`${key}: other bytes`);
}
console.log(`compared ${names.length}`);
