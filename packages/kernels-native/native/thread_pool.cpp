#include "thread_pool.h"

#include <time.h>

namespace lowbit {

// Chunks shrink with the rows that are left, so that threads end together and one that loses its core for a while leaves
// its rows to the others: every thread's share of a quarter of what is left, but no less than the smallest part.
constexpr int SHARE = 4;
constexpr int PARTS_PER_THREAD = 32;
// Of many rows, chunks are whole multiples of this: products work on panels of as many rows at most.
constexpr int32_t PANEL = 32;
// Waking a parked thread takes 5 to 50 µs: calls shorter than this finish sooner on the calling thread alone.
constexpr int64_t WORTH_WAKING = 20000;  // ns

// Kernels keep panels of weights on the stack, up to 120 KiB: some systems give new threads no more than that.
constexpr size_t STACK_BYTES = 1 << 20;

static int64_t nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

ThreadPool::ThreadPool(int threads) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  for (int i = 1; i < threads; i++) {
    pthread_t worker;
    if (pthread_create(&worker, &attributes, start, this) != 0) break;
    workers_.push_back(worker);
  }
  pthread_attr_destroy(&attributes);
}

ThreadPool::~ThreadPool() {
  pthread_mutex_lock(&mutex_);
  stopping_ = true;
  pthread_cond_broadcast(&wake_);
  pthread_mutex_unlock(&mutex_);
  for (pthread_t worker : workers_) pthread_join(worker, nullptr);
}

void* ThreadPool::start(void* pool) {
  static_cast<ThreadPool*>(pool)->work();
  return nullptr;
}

int32_t ThreadPool::take_chunks() {
  int32_t sum = 0;
  for (;;) {
    int32_t begin = next_.load(std::memory_order_relaxed), end;
    do {
      if (begin >= end_) return sum;
      const int32_t share = (end_ - begin) / (SHARE * threads()) / smallest_ * smallest_;
      const int32_t size = share < smallest_ ? smallest_ : share;
      end = end_ - begin < size ? end_ : begin + size;
    } while (!next_.compare_exchange_weak(begin, end, std::memory_order_relaxed));
    sum += chunk_(data_, begin, end);
  }
}

void ThreadPool::work() {
  uint64_t seen = 0;
  pthread_mutex_lock(&mutex_);
  for (;;) {
    while (!stopping_ && generation_ == seen) pthread_cond_wait(&wake_, &mutex_);
    if (stopping_) break;
    seen = generation_;
    if (!open_) continue;  // woken too late: the call is over
    active_++;
    pthread_mutex_unlock(&mutex_);
    const int32_t sum = take_chunks();
    result_.fetch_add(sum, std::memory_order_relaxed);
    pthread_mutex_lock(&mutex_);
    if (--active_ == 0) pthread_cond_signal(&idle_);
  }
  pthread_mutex_unlock(&mutex_);
}

int32_t ThreadPool::run(int32_t begin, int32_t end, Chunk chunk, void* data) {
  const int64_t rows = (int64_t)end - begin;
  if (rows <= 0) return 0;
  const int64_t parts = (int64_t)threads() * PARTS_PER_THREAD;
  const int32_t unit = rows >= (int64_t)threads() * 4 * PANEL ? PANEL : 1;
  const int32_t size = (int32_t)((rows + parts - 1) / parts + unit - 1) / unit * unit;
  if (workers_.empty() || rows <= size) return chunk(data, begin, end);
  // The first part runs alone, to see what the call costs.

  const int64_t started = nanoseconds();
  int32_t sum = chunk(data, begin, begin + size);
  const int64_t expected = (nanoseconds() - started) * ((rows - 1) / size);
  if (expected < WORTH_WAKING) return sum + chunk(data, begin + size, end);

  pthread_mutex_lock(&mutex_);
  chunk_ = chunk;
  data_ = data;
  end_ = end;
  smallest_ = size;
  next_.store(begin + size, std::memory_order_relaxed);
  result_.store(0, std::memory_order_relaxed);
  open_ = true;
  generation_++;
  pthread_cond_broadcast(&wake_);
  pthread_mutex_unlock(&mutex_);

  sum += take_chunks();
  pthread_mutex_lock(&mutex_);
  open_ = false;
  while (active_ > 0) pthread_cond_wait(&idle_, &mutex_);
  pthread_mutex_unlock(&mutex_);
  return sum + result_.load(std::memory_order_relaxed);
}

}  // namespace lowbit
