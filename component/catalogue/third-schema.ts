/**
 * The third step: indexes that forget what they are told by its words, and not by a list of what is gone. A search looked into that
 * list for each place of each word, and where what went had come together, as a share does, each look took as long as ten places.
 *
 * `indexed_words` is a function of ours (indexed-words.ts).
 */

export const thirdSchema = `
  drop table words;
  create virtual table words using fts5 (text, content = '', detail = none, tokenize = 'ascii');
  insert into words (rowid, text) select p.id, indexed_words(f.path, p.name)
    from path p cross join folder f on f.id = p.folder order by p.id;

  drop table word_part;
  create virtual table word_part using fts5 (text, content = '', detail = none, tokenize = 'trigram case_sensitive 1');
  insert into word_part (rowid, text) select id, text from word order by id;
`
