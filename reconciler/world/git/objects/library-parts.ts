/** What we use of isomorphic-git. Through this file, a bundle can load it late and still find its exports by their names. */
export {
  Errors,
  hashBlob,
  listBranches,
  listTags,
  packObjects,
  readCommit,
  // oxlint-disable-next-line typescript/no-deprecated -- Nothing else of the library gives the bytes of a tree.
  readObject,
  writeBlob,
  writeCommit,
  writeTree,
} from 'isomorphic-git';
