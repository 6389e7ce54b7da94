#include "http/server.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <latch>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "base/metrics_registry.h"
#include "base/thread_name.h"
#include "http/acceptor.h"
#include "http/core.h"
#include "http/tcp_socket.h"
#include "http/unix_socket.h"

namespace larder::http {
namespace {

using namespace std::chrono_literals;

constexpr auto cancellation_grace = 5s;

// Signals are the main thread's; threads inherit the mask of the one that starts them.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

struct Server::State {
  enum class Phase { made, running, stopped };

  ServerOptions options;
  Population population;
  std::vector<std::unique_ptr<Core>> cores;
  std::vector<std::vector<std::unique_ptr<Acceptor>>> acceptors;  // of each core
  std::vector<UnixSocketFile> socket_files;
  std::vector<std::thread> threads;
  Phase phase = Phase::made;

  // Runs `action(i)` on the thread of each core i; does not wait.
  template <class Action>
  void on_each_core(Action action) {
    for (std::size_t i = 0; i < cores.size(); ++i) {
      boost::asio::post(cores[i]->io, [action, i] { action(i); });
    }
  }
};

Server::Server(const Clock& clock, ServerOptions options) : state_(std::make_unique<State>()) {
  if (options.cores == 0) options.cores = std::max(1u, std::thread::hardware_concurrency());
  state_->options = std::move(options);
  for (unsigned i = 0; i < state_->options.cores; ++i) {
    state_->cores.push_back(std::make_unique<Core>(clock, state_->options, state_->population));
  }
  state_->acceptors.resize(state_->cores.size());
}

Server::~Server() {
  stop(0ms);
  // Before the cores that they are registered with.
  state_->acceptors.clear();
  state_->cores.clear();
}

Result<Endpoint> Server::add_listener(const Endpoint& endpoint, Service& service,
                                      const TlsContext* tls) {
  CHECK(state_->phase == State::Phase::made);
  const auto listen = [&](std::size_t core, FileDescriptor socket, Acceptor::Family family) {
    state_->acceptors[core].push_back(
        std::make_unique<Acceptor>(*state_->cores[core], std::move(socket), family, service,
                                   family == Acceptor::Family::tcp ? tls : nullptr));
  };
  if (const auto* local = std::get_if<UnixEndpoint>(&endpoint)) {
    TRY(UnixListener listener, listen_unix(local->path, local->mode));
    // One queue, of which every core takes.
    for (std::size_t i = 1; i < state_->cores.size(); ++i) {
      FileDescriptor copy(::fcntl(listener.socket.get(), F_DUPFD_CLOEXEC, 0));
      if (copy) listen(i, std::move(copy), Acceptor::Family::unix_socket);
    }
    listen(0, std::move(listener.socket), Acceptor::Family::unix_socket);
    state_->socket_files.push_back(std::move(listener.file));
    return endpoint;
  }
  TRY(TcpListener listener, listen_tcp(std::get<TcpEndpoint>(endpoint), state_->cores.size()));
  for (std::size_t i = 0; i < state_->cores.size(); ++i) {
    listen(i, std::move(listener.sockets[i]), Acceptor::Family::tcp);
  }
  return listener.endpoint;
}

void Server::start() {
  CHECK(state_->phase == State::Phase::made);
  state_->phase = State::Phase::running;
  State* const state = state_.get();
  state->on_each_core([state](std::size_t i) {
    state->cores[i]->start_sweeping();
    for (const auto& acceptor : state->acceptors[i]) acceptor->start();
  });
  const SignalsBlocked blocked;
  for (std::size_t i = 0; i < state_->cores.size(); ++i) {
    state_->threads.emplace_back([&io = state_->cores[i]->io, i] {
      name_this_thread(fmt::format("io-{}", i));
      io.run();
    });
  }
}

void Server::stop(std::chrono::milliseconds deadline) {
  State* const state = state_.get();
  const bool was_running = state->phase == State::Phase::running;
  state->phase = State::Phase::stopped;
  state->socket_files.clear();
  if (!was_running) return;
  // Whoever is in by now is counted, and nobody else comes in.
  std::latch closed(static_cast<std::ptrdiff_t>(state->cores.size()));
  state->on_each_core([state, &closed](std::size_t i) {
    for (const auto& acceptor : state->acceptors[i]) acceptor->close();
    state->cores[i]->stop_accepting();
    closed.count_down();
  });
  closed.wait();
  if (!state->population.wait_until_empty(deadline)) {
    state->on_each_core([state](std::size_t i) { state->cores[i]->abort_all(); });
    if (!state->population.wait_until_empty(cancellation_grace)) {
      log::warning("{} connections did not end when told to", state->population.count());
    }
  }
  state->on_each_core([state](std::size_t i) {
    state->cores[i]->release();
    state->cores[i]->io.stop();
  });
  for (auto& thread : state->threads) thread.join();
  state->threads.clear();
}

unsigned Server::cores() const { return static_cast<unsigned>(state_->cores.size()); }

boost::asio::io_context& Server::core(unsigned index) { return state_->cores.at(index)->io; }

std::size_t Server::connections() const { return state_->population.count(); }

void Server::register_metrics(metrics::Registry& registry) const {
  const Population& population = state_->population;
  registry.gauge("larder_connections", "Connections that are open.", {},
                 [&population] { return population.count(); });
  registry.gauge("larder_connections_limit", "Connections that may be open.", {},
                 [state = state_.get()] { return state->options.connections_max; });
  registry.counter("larder_connections_accepted_total", "Connections that were served.", {},
                   population.accepted);
  registry.counter("larder_connections_refused_total",
                   "Connections that were turned away: too many were open, or no descriptor was "
                   "left.",
                   {}, population.refused);
  registry.counter("larder_connections_swept_total",
                   "Times that a client was idle, slow or gone for longer than its deadline.", {},
                   population.swept);
}

}  // namespace larder::http
