// The part of @huggingface/tokenizers 0.2.0 that core uses. Its own declarations import each other without file
// extensions, which Node's resolution refuses in silence: every type would be `any`.
declare module '@huggingface/tokenizers' {
  export class Tokenizer {
    /** Parsed tokenizer.json and tokenizer_config.json. */
    constructor(tokenizer: object, config: object);
    encode(text: string, options?: { readonly add_special_tokens?: boolean }): { readonly ids: number[] };
    decode(
      ids: number[],
      options?: { readonly skip_special_tokens?: boolean; readonly clean_up_tokenization_spaces?: boolean },
    ): string;
    token_to_id(token: string): number | undefined;
    id_to_token(id: number): string | undefined;
  }
}
