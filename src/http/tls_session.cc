#include "http/tls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace larder::http {
namespace {

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

// A method's name; a TLS record begins with 22.
bool begins_http(char first) {
  return (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z');
}

}  // namespace

// OpenSSL's own socket BIO uses write(), which raises SIGPIPE, and cannot say that more follows.
struct SocketBio {
  static int read(BIO* bio, char* into, int size) {
    TlsSession& session = *static_cast<TlsSession*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    ssize_t count = 0;
    do {
      count = ::recv(session.socket_, into, static_cast<std::size_t>(size), 0);
    } while (count < 0 && errno == EINTR);
    if (count == 0) session.at_end_ = true;
    if (count < 0 && would_block(errno)) BIO_set_retry_read(bio);
    return static_cast<int>(count);
  }

  static int write(BIO* bio, const char* bytes, int size) {
    const TlsSession& session = *static_cast<TlsSession*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    // Small records wait for those that follow: a head and its body leave in one segment.
    const int flags = MSG_NOSIGNAL | (session.more_ ? MSG_MORE : 0);
    ssize_t count = 0;
    do {
      count = ::send(session.socket_, bytes, static_cast<std::size_t>(size), flags);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && would_block(errno)) BIO_set_retry_write(bio);
    return static_cast<int>(count);
  }

  static long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command != BIO_CTRL_EOF) return 0;
    return static_cast<const TlsSession*>(BIO_get_data(bio))->at_end_ ? 1 : 0;
  }

  static BIO_METHOD* make_method() {
    BIO_METHOD* const method =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "larder socket");
    CHECK(method != nullptr);
    BIO_meth_set_read(method, read);
    BIO_meth_set_write(method, write);
    BIO_meth_set_ctrl(method, control);
    return method;
  }

  static BIO* make(TlsSession* session) {
    static const BIO_METHOD* const method = make_method();  // for as long as the process lives
    BIO* const bio = BIO_new(method);
    CHECK(bio != nullptr);
    BIO_set_data(bio, session);
    BIO_set_init(bio, 1);
    return bio;
  }
};

void FreeSsl::operator()(ssl_st* session) const { SSL_free(session); }

TlsSession::TlsSession(SslHandle ssl, int socket) : socket_(socket), ssl_(std::move(ssl)) {
  BIO* const bio = SocketBio::make(this);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

TlsSession::Step TlsSession::classify(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Step::wants_read;
    case SSL_ERROR_WANT_WRITE:
      return Step::wants_write;
    case SSL_ERROR_ZERO_RETURN:
      return Step::end;
    default:
      failed_ = true;
      return Step::failed;
  }
}

TlsSession::Step TlsSession::handshake() {
  if (!greeted_) {
    char first = 0;
    const ssize_t count = ::recv(socket_, &first, 1, MSG_PEEK);
    if (count < 0) return would_block(errno) ? Step::wants_read : Step::failed;
    if (count == 0) return Step::end;
    if (begins_http(first)) return Step::plain_text;
    greeted_ = true;
  }
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  return result == 1 ? Step::done : classify(result);
}

TlsSession::Moved TlsSession::read(std::span<char> into) {
  if (failed_) return {Step::failed, 0};
  std::size_t total = 0;
  for (;;) {
    std::size_t count = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &count);
    if (result != 1) {
      const Step step = classify(result);
      if (total > 0) return {Step::done, total};  // the next call will fail again
      return {step, 0};
    }
    total += count;
    into = into.subspan(count);
    // A full record has others behind it; after a smaller one the socket is empty, as a rule.
    const bool likely_more = count == record || SSL_has_pending(ssl_.get()) == 1;
    if (into.empty() || !likely_more) return {Step::done, total};
  }
}

TlsSession::Moved TlsSession::write(std::string_view first, std::string_view second) {
  if (failed_) return {Step::failed, 0};
  std::size_t total = 0;
  while (!first.empty() || !second.empty()) {
    std::array<char, record> gathered;
    const std::size_t of_first = std::min(first.size(), record);
    const std::size_t of_second = std::min(second.size(), record - of_first);
    std::string_view piece = of_first > 0 ? first.substr(0, of_first) : second.substr(0, of_second);
    if (of_first > 0 && of_second > 0) {
      std::memcpy(gathered.data(), first.data(), of_first);
      std::memcpy(gathered.data() + of_first, second.data(), of_second);
      piece = {gathered.data(), of_first + of_second};
    }
    more_ = piece.size() < first.size() + second.size();
    std::size_t count = 0;
    ERR_clear_error();
    const int result = SSL_write_ex(ssl_.get(), piece.data(), piece.size(), &count);
    more_ = false;
    if (result != 1) {
      const Step step = classify(result);
      if (total > 0) return {Step::done, total};
      return {step, 0};
    }
    total += count;
    const std::size_t taken = std::min(count, first.size());
    first.remove_prefix(taken);
    second.remove_prefix(count - taken);
  }
  return {Step::done, total};
}

void TlsSession::close() {
  if (failed_ || SSL_is_init_finished(ssl_.get()) == 0) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

}  // namespace larder::http
