package rpc

import (
	"context"

	"github.com/riffle-ml/riffle/serve/internal/core"
	"github.com/riffle-ml/riffle/serve/internal/oip"
	"github.com/riffle-ml/riffle/serve/internal/predict"
	"github.com/riffle-ml/riffle/serve/internal/repository"
	"github.com/riffle-ml/riffle/serve/internal/rpc/pb"
)

func (s *service) ServerLive(context.Context, *pb.ServerLiveRequest) (*pb.ServerLiveResponse, error) {
	return &pb.ServerLiveResponse{Live: true}, nil
}

func (s *service) ServerReady(context.Context, *pb.ServerReadyRequest) (*pb.ServerReadyResponse, error) {
	return &pb.ServerReadyResponse{Ready: s.s.Ready()}, nil
}

// ModelReady answers false for a model, or a version, that is not served or does not exist.
func (s *service) ModelReady(_ context.Context, r *pb.ModelReadyRequest) (*pb.ModelReadyResponse, error) {
	_, release, err := s.s.Models.Acquire(r.Name, r.Version)
	if err == nil {
		release()
	}
	return &pb.ModelReadyResponse{Ready: err == nil}, nil
}

func (s *service) ServerMetadata(context.Context, *pb.ServerMetadataRequest) (*pb.ServerMetadataResponse, error) {
	return &pb.ServerMetadataResponse{Name: core.Name, Version: s.s.Version, Extensions: core.Extensions()}, nil
}

func (s *service) ModelMetadata(_ context.Context, r *pb.ModelMetadataRequest) (*pb.ModelMetadataResponse, error) {
	n, release, err := s.s.Models.Acquire(r.Name, r.Version)
	if err != nil {
		return nil, said(err)
	}
	defer release()
	return &pb.ModelMetadataResponse{
		Name: n.Name, Versions: s.s.Versions(n, r.Version), Platform: core.Platform,
		Inputs: describe(predict.Inputs(n)), Outputs: describe(predict.Outputs(n)),
	}, nil
}

func describe(ts []oip.Tensor) []*pb.ModelMetadataResponse_TensorMetadata {
	var ds []*pb.ModelMetadataResponse_TensorMetadata
	for _, t := range ts {
		ds = append(ds, &pb.ModelMetadataResponse_TensorMetadata{Name: t.Name, Datatype: t.Datatype, Shape: t.Shape})
	}
	return ds
}

func (s *service) RepositoryIndex(_ context.Context, r *pb.RepositoryIndexRequest) (*pb.RepositoryIndexResponse, error) {
	a := &pb.RepositoryIndexResponse{}
	for _, e := range s.s.Models.Index() {
		if !r.Ready || e.State == repository.Ready {
			a.Models = append(a.Models, &pb.RepositoryIndexResponse_ModelIndex{Name: e.Name, Version: e.Version, State: e.State, Reason: e.Reason})
		}
	}
	return a, nil
}

func (s *service) RepositoryModelLoad(ctx context.Context, r *pb.RepositoryModelLoadRequest) (*pb.RepositoryModelLoadResponse, error) {
	return &pb.RepositoryModelLoadResponse{}, said(s.s.Load(ctx, r.ModelName))
}

func (s *service) RepositoryModelUnload(ctx context.Context, r *pb.RepositoryModelUnloadRequest) (*pb.RepositoryModelUnloadResponse, error) {
	return &pb.RepositoryModelUnloadResponse{}, said(s.s.Unload(ctx, r.ModelName))
}
