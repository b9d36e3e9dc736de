import { readFile } from 'node:fs/promises'
import { BinaryReader } from '@bufbuild/protobuf/wire'
import type { Server } from '@grpc/grpc-js'

/**
 * Adds grpc.reflection.v1 and v1alpha for a FileDescriptorSet (protoc --include_imports). Its libraries are loaded here and
 * only here: most replicas never reflect.
 */
export async function addReflection(server: Server, descriptors: URL): Promise<void> {
  const [{ ReflectionService }, { loadFileDescriptorSetFromBuffer }] = await Promise.all([
    import('@grpc/reflection'),
    import('@grpc/proto-loader'),
  ])
  const set = await readFile(descriptors)
  const definitions = loadFileDescriptorSetFromBuffer(set)
  // proto-loader drops the files that a file imports, and clients then cannot resolve its types: give each all of them.
  const files = filesOf(set)
  for (const definition of Object.values(definitions)) {
    if ('fileDescriptorProtos' in definition) definition.fileDescriptorProtos = files
  }
  new ReflectionService(definitions).addToServer(server)
}

/** The serialized files of a FileDescriptorSet: `repeated FileDescriptorProto file = 1`, its only field. */
function filesOf(set: Buffer): Buffer[] {
  const reader = new BinaryReader(set)
  const files: Buffer[] = []
  while (reader.pos < reader.len) {
    reader.uint32()
    files.push(Buffer.from(reader.bytes()))
  }
  return files
}
