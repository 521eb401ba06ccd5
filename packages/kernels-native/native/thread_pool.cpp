#include "thread_pool.h"

#include <time.h>

namespace lowbit {

// Enough chunks that a thread which loses its core for a while leaves its rows to the others.
constexpr int CHUNKS_PER_THREAD = 8;
// Waking a parked thread takes 5 to 50 µs: calls shorter than this finish sooner on the calling thread alone.
constexpr int64_t WORTH_WAKING = 20000;  // ns

static int64_t nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

ThreadPool::ThreadPool(int threads) {
  for (int i = 1; i < threads; i++) {
    pthread_t worker;
    if (pthread_create(&worker, nullptr, start, this) != 0) return;
    workers_.push_back(worker);
  }
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
    const int64_t begin = next_.fetch_add(size_, std::memory_order_relaxed);
    if (begin >= end_) return sum;
    const int64_t end = begin + size_;
    sum += chunk_(data_, (int32_t)begin, end < end_ ? (int32_t)end : end_);
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
  const int64_t chunks = (int64_t)threads() * CHUNKS_PER_THREAD;
  const int32_t size = (int32_t)((rows + chunks - 1) / chunks);
  if (workers_.empty() || rows <= size) return chunk(data, begin, end);

  const int64_t started = nanoseconds();
  int32_t sum = chunk(data, begin, begin + size);
  const int64_t expected = (nanoseconds() - started) * ((rows - 1) / size);
  if (expected < WORTH_WAKING) return sum + chunk(data, begin + size, end);

  pthread_mutex_lock(&mutex_);
  chunk_ = chunk;
  data_ = data;
  end_ = end;
  size_ = size;
  next_.store((int64_t)begin + size, std::memory_order_relaxed);
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
