#!/usr/bin/env bash
# A partner in bash, openssl 3 and curl: signs a call, sends it, verifies the answer.
#
#   bash mocks/partner/sign.sh POST http://127.0.0.1:8080/v1/identity-checks '{"reference":"r-1"}'
#
# QIAO_KEY   private Ed25519 JWK of the partner     (default .sandbox/partner-a.jwk.json)
# QIAO_JWKS  the gateway's published keys           (default .sandbox/gateway.jwks.json)
# QIAO_IDEMPOTENCY_KEY  for POST; fresh when unset
#
# openssl wants PEM. A JWK's d (or x) is the raw key in base64url, and PEM is the same 32 bytes behind a fixed prefix
# (RFC 8410): see `private_pem` and `public_pem`. The body goes to stdout, the verdict to stderr.
# Exit code: 0 answered 2xx and verified · 1 answered otherwise, or not to be trusted · 2 usage, or not reached
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2; }
method=$1 url=$2 body=${3-}
key=${QIAO_KEY-.sandbox/partner-a.jwk.json} jwks=${QIAO_JWKS-.sandbox/gateway.jwks.json}
for file in "$key" "$jwks"; do
  [ -r "$file" ] || { echo "$file cannot be read; start the sandbox with: npm start" >&2; exit 2; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

member() { tr -d ' \n' | grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d'"' -f4; }
raw_key() { printf '%s=' "$1" | tr -- '-_' '+/' | openssl base64 -d -A; }
der_private='\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20'
der_public='\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00'
private_pem() { { printf "$der_private"; raw_key "$1"; } | openssl pkey -inform DER; }
public_pem() { { printf "$der_public"; raw_key "$1"; } | openssl pkey -pubin -inform DER; }
sha256() { openssl dgst -sha256 -binary "$1" | openssl base64 -A; }
refuse() { echo "$status · the answer is not trusted: $1" >&2; exit 1; }

# --- sign -------------------------------------------------------------------------------------------------------------
private_pem "$(member d <"$key")" >"$work/key.pem"
components='"@method" "@target-uri"' headers=()
printf '"@method": %s\n"@target-uri": %s\n' "$method" "$url" >"$work/base"
if [ -n "$body" ]; then
  printf '%s' "$body" >"$work/body"
  digest="sha-256=:$(sha256 "$work/body"):"
  components+=' "content-digest" "content-type"'
  headers+=(-H "Content-Type: application/json" -H "Content-Digest: $digest" --data-binary "@$work/body")
  printf '"content-digest": %s\n"content-type": application/json\n' "$digest" >>"$work/base"
fi
if [ "$method" = POST ]; then
  idempotency="\"${QIAO_IDEMPOTENCY_KEY-$(openssl rand -hex 16)}\""
  components+=' "idempotency-key"'
  headers+=(-H "Idempotency-Key: $idempotency")
  printf '"idempotency-key": %s\n' "$idempotency" >>"$work/base"
fi
keyid=$(member kid <"$key")
input="($components);created=$(date +%s);keyid=\"$keyid\";nonce=\"$(openssl rand -hex 16)\";tag=\"fapi-2-request\""
printf '"@signature-params": %s' "$input" >>"$work/base"
signature=":$(openssl pkeyutl -sign -inkey "$work/key.pem" -rawin -in "$work/base" | openssl base64 -A):"

# --- send -------------------------------------------------------------------------------------------------------------
: >"$work/answer"
status=$(curl -sS --noproxy '*' --path-as-is --max-time 30 -X "$method" "$url" \
  -D "$work/head" -o "$work/answer" -w '%{http_code}' \
  -H "Signature-Input: sig=$input" -H "Signature: sig=$signature" ${headers[@]+"${headers[@]}"}) ||
  { echo "the gateway was not reached; start the sandbox with: npm start" >&2; exit 2; }
cat "$work/answer"

# --- verify the answer ------------------------------------------------------------------------------------------------
header() { # the value of a field in the answer
  tr -d '\r' <"$work/head" | awk -v name="$1:" '
    tolower(substr($0, 1, length(name))) == name { sub(/^[^:]*: */, ""); value = $0 } END { print value }'
}
answer_input=$(header signature-input) answer_input=${answer_input#*=}
answer_signature=$(header signature) answer_signature=${answer_signature#*=:}
list=${answer_input%%)*} list=${list#(}
parameter() { printf '%s' "$answer_input" | sed -n "s/.*;$1=\"\{0,1\}\([^\";]*\).*/\1/p"; }
created=$(parameter created)

must='"@status" "@method";req "@target-uri";req'
[ ! -s "$work/answer" ] || must+=' "content-digest"'
[ "$status" -ge 400 ] || must+=' "signature";req;key="sig"'
[ "$(parameter tag)" = fapi-2-response ] || refuse "it is not signed as an answer"
for id in $must; do [[ " $list " == *" $id "* ]] || refuse "its signature does not cover $id"; done
age=$(($(date +%s) - ${created:-0}))
[ "${age#-}" -le 60 ] || refuse "it is not fresh"
[ ! -s "$work/answer" ] || [ "$(header content-digest)" = "sha-256=:$(sha256 "$work/answer"):" ] ||
  refuse "its body is not what its digest says"

for id in $list; do
  case $id in
    '"@status"') value=$status ;;
    '"@method";req') value=$method ;;
    '"@target-uri";req') value=$url ;;
    '"content-digest";req') value=$digest ;;
    '"content-type";req') value=application/json ;;
    '"idempotency-key";req') value=$idempotency ;;
    '"signature";req;key="sig"') value=$signature ;;
    '"signature-input";req;key="sig"') value=$input ;;
    *) value=$(header "$(printf '%s' "$id" | tr -d '"')") ;;
  esac
  printf '%s: %s\n' "$id" "$value"
done >"$work/answer-base"
printf '"@signature-params": %s' "$answer_input" >>"$work/answer-base"
printf '%s' "${answer_signature%:}" | openssl base64 -d -A >"$work/answer-signature"
x=$(tr -d ' \n' <"$jwks" | grep -o '{[^{}]*}' | grep -F "\"kid\":\"$(parameter keyid)\"" | member x) ||
  refuse "its key is not published"
public_pem "$x" >"$work/gateway.pem"
openssl pkeyutl -verify -pubin -inkey "$work/gateway.pem" -rawin -in "$work/answer-base" \
  -sigfile "$work/answer-signature" >/dev/null 2>&1 || refuse "its signature does not verify"
echo "$status · answer signature: valid (key $(parameter keyid))" >&2
[ "$status" -ge 200 ] && [ "$status" -lt 300 ]
